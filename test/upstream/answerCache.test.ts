import { describe, expect, test } from 'vitest';
import type { Fault } from '../../src/sandbox/client.ts';
import { AnswerCache, type CacheLife } from '../../src/upstream/cache.ts';
import { noDeadline } from '../../src/upstream/deadline.ts';
import { Observers } from '../../src/upstream/observer.ts';
import { collectGarbage } from '../support/garbage.ts';
import { askGateway, useStage } from '../support/gateway.ts';
import { ask, codesOf, leaguesQuery, updateLeagueMutation, useFaults } from '../support/resilience.ts';
import { useUpstreamServers } from '../support/upstreamServer.ts';

const stage = useStage();
const { addFault, countCalls, gatewayWith, onlineAgent, ownLeagueId } = useFaults(stage);
const { planesBefore } = useUpstreamServers(stage);

describe('cached answers', () => {
  const kept: CacheLife = { freshMs: 0, staleMs: 0, staleIfErrorMs: 60_000 };
  const away: Fault = { kind: 'status', status: 503 };

  test('are answered where the upstream fails, and the answer says so', async () => {
    const gateway = gatewayWith({ cache: kept });
    const before = await ask(gateway, leaguesQuery);
    expect(before.extensions?.stale).toBeUndefined();
    await addFault('listLeagues', away);
    const after = await ask(gateway, leaguesQuery);
    expect(after.errors).toBeUndefined();
    expect(after.data).toEqual(before.data);
    expect(after.extensions?.stale).toEqual([
      { plane: 'SPACE', call: 'listLeagues', ageSeconds: expect.any(Number) as number },
    ]);
    await stage.sandbox.client.clearRules();
    expect((await ask(gateway, leaguesQuery)).extensions?.stale).toBeUndefined();
  });

  test('are not answered where the service says no', async () => {
    const gateway = gatewayWith({ cache: kept });
    await ask(gateway, leaguesQuery);
    await addFault('listLeagues', { kind: 'status', status: 403 });
    expect(codesOf(await ask(gateway, leaguesQuery))).toEqual(['FORBIDDEN']);
  });

  test('are not answered after a write of ours', async () => {
    const gateway = gatewayWith({ cache: { freshMs: 60_000, staleMs: 60_000, staleIfErrorMs: 60_000 } });
    const id = ownLeagueId();
    const description = `{ league(id: "${id}") { settings { description } } }`;
    await ask(gateway, description);
    expect((await ask(gateway, description)).extensions?.stale).toHaveLength(1);
    await ask(gateway, updateLeagueMutation, {
      input: { id, description: 'changed' },
    });
    await stage.sandbox.client.clearCalls();
    expect(await ask(gateway, description)).toMatchObject({
      data: { league: { settings: { description: 'changed' } } },
    });
    expect(await countCalls('getLeague')).toBe(1);
  });

  test.each<[string, Fault | undefined, boolean]>([
    ['is carried out', undefined, false],
    ['may have been carried out', { kind: 'reset', at: 'before' }, false],
    ['is refused, as what has changed may be the reason', { kind: 'status', status: 409 }, false],
    ['finds the service busy', { kind: 'status', status: 503 }, true],
    ['is one too many', { kind: 'status', status: 429 }, true],
  ])('when a write of ours %s', async (_, fault, areLeft) => {
    const gateway = gatewayWith({ cache: kept });
    const id = ownLeagueId();
    await ask(gateway, leaguesQuery);
    if (fault !== undefined) await addFault('updateLeague', fault);
    await ask(gateway, updateLeagueMutation, { input: { id, description: 'as it was' } });
    await addFault('listLeagues', away);
    expect((await ask(gateway, leaguesQuery)).errors === undefined).toBe(areLeft);
  });

  test('stay cached when a write of ours could not sign in', async () => {
    const gateway = gatewayWith({ cache: kept });
    const { id: agentId, leagueId } = onlineAgent();
    await ask(gateway, leaguesQuery);
    await addFault('createAgentToken', { kind: 'status', status: 500 });
    const { data } = await ask(
      gateway,
      'mutation ($input: CreateSqlJobInput!) { createSqlJob(input: $input) { userErrors { code call } } }',
      { input: { leagueId, agentId, name: 'never sent' } },
    );
    expect(data).toEqual({ createSqlJob: { userErrors: [{ code: 'UPSTREAM_FAILED', call: 'createAgentToken' }] } });
    await addFault('listLeagues', away);
    expect((await ask(gateway, leaguesQuery)).extensions?.stale).toHaveLength(1);
  });

  test('stay cached in an outage, in which no write arrives', async () => {
    const gateway = gatewayWith({ cache: kept });
    const id = ownLeagueId();
    await ask(gateway, leaguesQuery);
    await addFault('listLeagues', { kind: 'reset', at: 'before' });
    for (let read = 0; read < 8; read += 1)
      expect((await ask(gateway, leaguesQuery)).extensions?.stale).toHaveLength(1);
    const { data } = await ask(gateway, updateLeagueMutation, { input: { id, description: 'never sent' } });
    expect(data).toEqual({ updateLeague: { userErrors: [{ code: 'UPSTREAM_PAUSED' }] } });
    expect((await ask(gateway, leaguesQuery)).extensions?.stale).toHaveLength(1);
  });

  test('are not answered in another language', async () => {
    const gateway = gatewayWith({ cache: { freshMs: 60_000, staleMs: 60_000, staleIfErrorMs: 60_000 } });
    await askGateway(gateway, leaguesQuery, {}, { 'accept-language': 'en' });
    await askGateway(gateway, leaguesQuery, {}, { 'accept-language': 'zh' });
    expect(await countCalls('listLeagues')).toBe(2);
  });

  const long: CacheLife = { freshMs: 60_000, staleMs: 60_000, staleIfErrorMs: 60_000 };
  const update = { path: { league_id: 'a' }, body: { description: 'a' } };

  test('an answer requested before a write is not cached after it', async () => {
    const held: (() => void)[] = [];
    let arrived = (): void => undefined;
    let received = 0;
    const planes = await planesBefore(
      ({ method }, response) => {
        received += method === 'GET' ? 1 : 0;
        if (method === 'GET' && received === 1) {
          held.push(() => response.end('{"total": "old"}'));
          arrived();
        } else response.end('{"total": "new"}');
      },
      { cache: long },
    );
    const { space } = planes(noDeadline);
    const arrival = new Promise<void>((resolve) => (arrived = resolve));
    const slow = space.read('getOverview');
    await arrival;
    await space.write('updateLeague', update);
    held[0]?.();
    expect(await slow).toEqual({ total: 'old' });
    expect(await space.read('getOverview')).toEqual({ total: 'new' });
  });

  test('are keyed by scope, language, call and request', async () => {
    let received = 0;
    const planes = await planesBefore(
      (_, response) => {
        received += 1;
        response.end('{"total": 0}');
      },
      { cache: long },
    );
    const reads = [
      () => planes(noDeadline).space.read('getOverview'),
      () => planes(noDeadline, { upstreamScope: 'other' }).space.read('getOverview'),
      () => planes(noDeadline, { language: 'zh-cn' }).space.read('getOverview'),
      () => planes(noDeadline).space.read('listAgents', { query: { offset: 0, limit: 1 } }),
      () => planes(noDeadline).space.read('listAgents', { query: { offset: 1, limit: 1 } }),
      () => planes(noDeadline).space.read('getLeague', { path: { league_id: 'a' } }),
      () => planes(noDeadline).space.read('getLeague', { path: { league_id: 'b' } }),
    ];
    for (const read of [...reads, ...reads]) await read();
    expect(received).toBe(reads.length);
    await planes(noDeadline, { isUncached: true }).space.read('getOverview');
    expect(received).toBe(reads.length + 1);
  });

  /** A cache on a clock that the test moves. */
  const cacheOf = (life: CacheLife) => {
    let nowMs = 0;
    const cache = new AnswerCache(life, () => nowMs);
    return {
      cache,
      wait: (ms: number) => void (nowMs += ms),
      keep: (key: string, answer: unknown, bytes = 1) => cache.keep(key, answer, bytes, cache.epoch),
    };
  };

  test('stand in where the upstream fails for their time, and not after it', () => {
    const { cache, keep, wait } = cacheOf({ freshMs: 0, staleMs: 0, staleIfErrorMs: 1_000 });
    keep('key', 'kept');
    wait(999);
    expect(cache.find('key')).toBeUndefined();
    expect(cache.findForError('key')).toEqual({ answer: 'kept', ageMs: 999 });
    wait(1);
    expect(cache.findForError('key')).toBeUndefined();
  });

  test('are none where the lifetime is 0', () => {
    const { cache, keep } = cacheOf({ freshMs: 0, staleMs: 0, staleIfErrorMs: 0 });
    keep('key', 'kept');
    expect([cache.find('key'), cache.findForError('key')]).toEqual([undefined, undefined]);
  });

  test('stay where a read that began earlier is answered later', () => {
    const { cache, wait } = cacheOf({ freshMs: 100, staleMs: 0, staleIfErrorMs: 0 });
    const { epoch } = cache;
    wait(10);
    cache.keep('key', 'newer', 1, epoch, 5);
    cache.keep('key', 'older', 1, epoch, 0);
    expect(cache.find('key')?.answer).toBe('newer');
    cache.keep('key', 'newest', 1, epoch, 6);
    expect(cache.find('key')?.answer).toBe('newest');
  });

  test('are fresh, then stale, then gone', () => {
    const { cache, keep, wait } = cacheOf({ freshMs: 10, staleMs: 20, staleIfErrorMs: 0 });
    keep('key', 'kept');
    expect(cache.find('key')).toMatchObject({ outcome: 'FRESH', ageMs: 0 });
    wait(10);
    expect(cache.find('key')).toMatchObject({ outcome: 'STALE', ageMs: 10 });
    wait(10);
    expect(cache.find('key')).toBeUndefined();
  });

  test.each([
    ['long answers', 'k', 1_000_000, 17],
    ['long questions', 'k'.repeat(100_000), 1, 170],
    ['many short ones', 'k', 1, 80_000],
  ])('the oldest make place for new ones: %s', (_, key, bytes, more) => {
    const { cache, keep } = cacheOf({ freshMs: 1_000, staleMs: 1_000, staleIfErrorMs: 1_000 });
    for (let question = 0; question < more; question += 1) keep(`${key}${question}`, question, bytes);
    expect(cache.find(`${key}${more - 1}`)?.answer).toBe(more - 1);
    expect(cache.find(`${key}0`)).toBeUndefined();
  });

  test('are released when they expire', async () => {
    const { keep, wait } = cacheOf({ freshMs: 0, staleMs: 0, staleIfErrorMs: 1_000 });
    const held = (() => {
      const answer = { rows: [] };
      keep('key', answer);
      return new WeakRef(answer);
    })();
    wait(1_000);
    keep('other', 'x');
    // A WeakRef that was created or read in a turn of the event loop keeps its target to the end of the turn.
    await new Promise(setImmediate);
    collectGarbage();
    expect(held.deref()).toBeUndefined();
    keep('other', 'x');
  });

  test('count their size once, however often they are refreshed', () => {
    const { cache, keep, wait } = cacheOf({ freshMs: 1_000, staleMs: 1_000, staleIfErrorMs: 1_000_000 });
    keep('other', 'x', 1_000_000);
    for (let time = 0; time < 50; time += 1) {
      wait(1);
      keep('key', 'x', 1_000_000);
    }
    expect(cache.findForError('other')).toMatchObject({ answer: 'x' });
  });

  test('that are stale are read anew once behind the callers’ backs, and again after that failed', async () => {
    let received = 0;
    const seen: string[] = [];
    const observer = new Observers([{ cache: ({ outcome }) => seen.push(outcome) }]);
    const ends: (() => void)[] = [];
    const planes = await planesBefore(
      (_, response) => {
        received += 1;
        const body = JSON.stringify({ total: received });
        if (received === 2) response.writeHead(503);
        response.end(body);
        response.once('close', () => ends.splice(0).forEach((end) => end()));
      },
      { cache: { freshMs: 0, staleMs: 60_000, staleIfErrorMs: 60_000 } },
    );
    const read = () => planes(noDeadline, { observer }).space.read('getOverview');
    const until = async (count: number): Promise<void> => {
      while (received < count) await new Promise((resolve) => ends.push(() => resolve(undefined)));
    };
    expect(await read()).toEqual({ total: 1 });
    expect(await Promise.all([read(), read(), read()])).toEqual(Array(3).fill({ total: 1 }));
    await until(2);
    expect(await read()).toEqual({ total: 1 });
    let last: unknown;
    do {
      last = await read();
      await new Promise(setImmediate);
    } while ((last as { total: number }).total === 1);
    expect(last).toEqual({ total: 3 });
    expect(new Set(seen)).toEqual(new Set(['MISS', 'STALE']));
  });
});
