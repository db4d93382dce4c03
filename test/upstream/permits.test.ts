import { describe, expect, test } from 'vitest';
import { noDeadline } from '../../src/upstream/deadline.ts';
import { Permits, type PermitHolder } from '../../src/upstream/permits.ts';
import { useStage } from '../support/gateway.ts';
import { ask, codesOf, leaguesQuery, useFaults } from '../support/resilience.ts';
import { useUpstreamServers } from '../support/upstreamServer.ts';

const stage = useStage();
const { addFault, countCalls, gatewayWith } = useFaults(stage);
const { planesBefore } = useUpstreamServers(stage);

/** A holder that notes that it began. */
function holder(name: string, began: string[]): PermitHolder {
  return { onPermit: () => void began.push(name) };
}

describe('permits', () => {
  test('are given at once while there are some, then in the order of the queue', () => {
    const permits = new Permits(2);
    const began: string[] = [];
    for (const name of ['1', '2', '3', '4']) permits.take(holder(name, began));
    expect(began).toEqual(['1', '2']);
    permits.release();
    expect(began).toEqual(['1', '2', '3']);
    permits.release();
    permits.release();
    permits.take(holder('5', began));
    expect(began).toEqual(['1', '2', '3', '4', '5']);
  });

  test('are given to calls that somebody waits for before those of the background', () => {
    const permits = new Permits(1);
    const began: string[] = [];
    const leaving = { ...holder('leaving', began), isBackground: true };
    for (const name of ['1', '2']) permits.take({ ...holder(name, began), isBackground: true });
    permits.take(leaving);
    for (const name of ['3', '4']) permits.take(holder(name, began));
    expect(permits.leave(leaving)).toBe(true);
    for (let calls = 0; calls < 4; calls += 1) permits.release();
    expect(began).toEqual(['1', '3', '4', '2']);
  });

  test('are not given to a holder that has left the queue', () => {
    const permits = new Permits(1);
    const began: string[] = [];
    const leaving = holder('leaving', began);
    permits.take(holder('first', began));
    permits.take(leaving);
    permits.take(holder('next', began));
    expect(permits.leave(leaving)).toBe(true);
    expect(permits.leave(leaving)).toBe(false);
    permits.release();
    expect(began).toEqual(['first', 'next']);
  });

  test('pass a long queue of holders that release them at once', () => {
    const permits = new Permits(1);
    let began = 0;
    permits.take({ onPermit: () => undefined });
    for (let index = 0; index < 100_000; index += 1)
      permits.take({
        onPermit: () => {
          began += 1;
          permits.release();
        },
      });
    permits.release();
    expect(began).toBe(100_000);
  });
});

describe('the limit of calls at once', () => {
  test('calls in the queue when the breaker opens are not sent', async () => {
    const gateway = gatewayWith({ callTimeoutMs: 500 });
    await ask(gateway, leaguesQuery);
    await addFault('listLeagues', { kind: 'hang' });
    const answers = await Promise.all(Array.from({ length: 200 }, () => ask(gateway, leaguesQuery)));
    expect(new Set(answers.flatMap(codesOf))).toEqual(new Set(['UPSTREAM_TIMEOUT', 'UPSTREAM_PAUSED']));
    expect(await countCalls('listLeagues')).toBeLessThan(200);
  });

  test('an upstream gets as many calls at once as it may have connections, and queued calls in order', async () => {
    const answers: (() => void)[] = [];
    const asked: string[] = [];
    const planes = await planesBefore(
      (request, response) => {
        asked.push(request.url ?? '');
        answers.push(() => response.end('{"total": 0}'));
      },
      { connections: 64 },
    );
    const { space } = planes(noDeadline);
    const reads = Array.from({ length: 100 }, (_, index) =>
      space.read('listAgents', { query: { offset: index, limit: 5 } }),
    );
    while (answers.length < 64) await new Promise(setImmediate);
    for (let turn = 0; turn < 20; turn += 1) await new Promise(setImmediate);
    expect(answers).toHaveLength(64);
    answers.splice(0).forEach((answer) => answer());
    while (asked.length < 100) await new Promise(setImmediate);
    answers.forEach((answer) => answer());
    await Promise.all(reads);
    const offsets = asked.map((url) => Number(new URL(url, 'http://x').searchParams.get('offset')));
    expect(new Set(offsets.slice(64))).toEqual(new Set(Array.from({ length: 36 }, (_, index) => 64 + index)));
  });

  test('callers do not wait for calls of the background, however many there are', async () => {
    const answers: (() => void)[] = [];
    const asked: string[] = [];
    const planes = await planesBefore(
      (request, response) => {
        asked.push(new URL(request.url ?? '', 'http://x').searchParams.get('offset') ?? '');
        answers.push(() => response.end('{"total": 0}'));
      },
      { connections: 2 },
    );
    const read = (offset: number, isBackground: boolean) =>
      planes(noDeadline, { isBackground, upstreamScope: String(isBackground), isUncached: true }).space.read(
        'listAgents',
        { query: { offset, limit: 5 } },
      );
    const background = Array.from({ length: 20 }, (_, offset) => read(offset, true));
    while (answers.length < 2) await new Promise(setImmediate);
    const callers = Array.from({ length: 5 }, (_, index) => read(100 + index, false));
    const all = Promise.all([...background, ...callers]);
    for (let done = 0; done < 25; done += 1) {
      while (answers.length === 0) await new Promise(setImmediate);
      answers.shift()?.();
    }
    await all;
    // Two were under way already.
    expect(new Set(asked.slice(2, 7).map(Number))).toEqual(new Set([100, 101, 102, 103, 104]));
  });

  test('a failed call releases its permit, and so does one whose caller leaves', async () => {
    const received: (() => void)[] = [];
    const planes = await planesBefore((request, response) => {
      if (request.url?.includes('limit=1')) response.writeHead(403).end('{}');
      else if (request.url?.includes('limit=2')) received.forEach((resolve) => resolve());
      else response.end('{"total": 0}');
    });
    const leaving = new AbortController();
    const refused = Array.from({ length: 200 }, (_, offset) =>
      planes(noDeadline).space.read('listAgents', { query: { offset, limit: 1 } }),
    );
    expect((await Promise.allSettled(refused)).every(({ status }) => status === 'rejected')).toBe(true);
    const arrived = new Promise<void>((resolve) => received.push(resolve));
    const left = Array.from({ length: 200 }, (_, offset) =>
      planes({ ...noDeadline, signal: leaving.signal }).space.read('listAgents', { query: { offset, limit: 2 } }),
    );
    const settled = Promise.allSettled(left);
    await arrived;
    leaving.abort(new Error('left'));
    expect((await settled).every(({ status }) => status === 'rejected')).toBe(true);
    expect(await planes(noDeadline).space.read('getOverview')).toEqual({ total: 0 });
  });
});
