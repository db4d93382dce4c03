import { getEventListeners } from 'node:events';
import { describe, expect, test } from 'vitest';
import { noDeadline } from '../../src/upstream/deadline.ts';
import { createGuard } from '../../src/upstream/guard.ts';
import { createLimit } from '../../src/upstream/limit.ts';
import { silentObserver } from '../../src/upstream/observer.ts';
import { useStage } from '../support/gateway.ts';
import { ask, codesOf, leaguesQuery, useFaults } from '../support/resilience.ts';

const stage = useStage();
const { addFault, countCalls, gatewayWith } = useFaults(stage);

/** Work that goes on until it is ended. */
function work() {
  let end: () => void = () => undefined;
  const ended = new Promise<void>((resolve) => (end = resolve));
  return { run: () => ended, end: () => end() };
}

test('a caller that leaves the queue gets no permit', async () => {
  const { run } = createLimit(1);
  const { signal } = new AbortController();
  const leaving = new AbortController();
  const first = work();
  const running = run(signal, first.run);
  const left = expect(run(leaving.signal, () => Promise.resolve())).rejects.toThrow('left');
  const next = run(signal, () => Promise.resolve('next'));
  leaving.abort(new Error('left'));
  await left;
  first.end();
  await running;
  expect(await next).toBe('next');
});

test('an aborted caller starts nothing', async () => {
  let begun = 0;
  const asked = createLimit(1).run(AbortSignal.abort(new Error('left')), () => Promise.resolve((begun += 1)));
  await expect(asked).rejects.toThrow('left');
  expect(begun).toBe(0);
});

test('no listener remains on a signal that outlives its call', async () => {
  const { run } = createLimit(1);
  const { signal } = new AbortController();
  const first = work();
  const running = [run(signal, first.run), run(signal, () => Promise.resolve()), run(signal, () => Promise.resolve())];
  first.end();
  await Promise.all(running);
  expect(getEventListeners(signal, 'abort')).toEqual([]);
});

test('a failed call releases its permit', async () => {
  const { run } = createLimit(1);
  const { signal } = new AbortController();
  const failing = run(signal, () => Promise.reject(new Error('no')));
  const next = run(signal, () => Promise.resolve('next'));
  await expect(failing).rejects.toThrow('no');
  expect(await next).toBe('next');
});

describe('the limit of calls at once', () => {
  test('runs calls up to the limit, queues the others in order, and skips aborted ones', async () => {
    const { run } = createLimit(2);
    const leaving = new AbortController();
    const { signal } = new AbortController();
    const ends: (() => void)[] = [];
    const began: number[] = [];
    let most = 0;
    const work = (number: number) => async () => {
      began.push(number);
      most = Math.max(most, began.length - ended);
      await new Promise<void>((resolve) => ends.push(resolve));
      ended += 1;
    };
    let ended = 0;
    const runs = [1, 2, 3, 4, 5].map((number) => run(number === 3 ? leaving.signal : signal, work(number)));
    const left = expect(runs[2]).rejects.toThrow('left');
    leaving.abort(new Error('left'));
    await left;
    const others = Promise.all(runs.filter((_, index) => index !== 2));
    while (ended < 4) {
      ends.shift()?.();
      await new Promise(setImmediate);
    }
    await others;
    expect(began).toEqual([1, 2, 4, 5]);
    expect(most).toBe(2);
  });

  test('calls in the queue when the breaker opens are not sent', async () => {
    const gateway = gatewayWith({ callTimeoutMs: 500 });
    await ask(gateway, leaguesQuery);
    await addFault('listLeagues', { kind: 'hang' });
    const answers = await Promise.all(Array.from({ length: 100 }, () => ask(gateway, leaguesQuery)));
    expect(new Set(answers.flatMap(codesOf))).toEqual(new Set(['UPSTREAM_TIMEOUT', 'UPSTREAM_PAUSED']));
    expect(await countCalls('listLeagues')).toBeLessThanOrEqual(100);
  });

  test('an upstream gets at most 64 calls at once', async () => {
    const { read } = createGuard({ plane: 'SPACE' }, { observer: silentObserver, retries: false });
    const begun: (() => void)[] = [];
    const calls = Array.from({ length: 100 }, () =>
      read('call', noDeadline, () => new Promise<void>((resolve) => begun.push(resolve))),
    );
    await new Promise(setImmediate);
    expect(begun).toHaveLength(64);
    begun.forEach((end) => end());
    await new Promise(setImmediate);
    expect(begun).toHaveLength(100);
    begun.forEach((end) => end());
    await Promise.all(calls);
  });
});
