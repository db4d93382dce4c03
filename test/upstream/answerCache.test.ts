import { describe, expect, test } from 'vitest';
import { GatewayError } from '../../src/errors.ts';
import type { Fault } from '../../src/sandbox/client.ts';
import { cacheOf as viewOf, createAnswerCache, type CacheLife } from '../../src/upstream/cache.ts';
import { noDeadline } from '../../src/upstream/deadline.ts';
import { silentObserver } from '../../src/upstream/observer.ts';
import { noSharing } from '../../src/upstream/singleFlight.ts';
import { collectGarbage } from '../support/garbage.ts';
import { askGateway, useStage } from '../support/gateway.ts';
import { ask, codesOf, leaguesQuery, updateLeagueMutation, useFaults } from '../support/resilience.ts';

const stage = useStage();
const { addFault, countCalls, gatewayWith, onlineAgent, ownLeagueId } = useFaults(stage);

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

  test('an answer requested before a write is not cached after it', async () => {
    const cache = createAnswerCache({ freshMs: 1_000, staleMs: 1_000, staleIfErrorMs: 1_000 }, () => 0);
    let end: (loaded: { answer: string; bytes: number }) => void = () => undefined;
    const slow = cache.read(
      'key',
      () => new Promise<{ answer: string; bytes: number }>((resolve) => (end = resolve)),
      () => undefined,
    );
    cache.clear();
    end({ answer: 'old', bytes: 3 });
    await slow;
    const { answer } = await cache.read(
      'key',
      () => Promise.resolve({ answer: 'new', bytes: 3 }),
      () => undefined,
    );
    expect(answer).toBe('new');
  });

  test('are keyed by scope, language, origin, call and request', async () => {
    const cache = createAnswerCache({ freshMs: 1_000, staleMs: 1_000, staleIfErrorMs: 1_000 }, () => 0);
    let loads = 0;
    const read = (change: {
      upstreamScope?: string;
      language?: string;
      origin?: string;
      call?: string;
      request?: object;
      cacheable?: boolean;
    }) => {
      const {
        upstreamScope = 'r',
        language = 'en_us',
        origin = 'o',
        call = 'c',
        request = {},
        cacheable = true,
      } = change;
      const caller = {
        ...{ upstreamScope, language, observer: silentObserver, deadline: noDeadline },
        onStale: () => undefined,
      };
      return viewOf(cache, noSharing, caller).read({ plane: 'SPACE', origin, call, request, cacheable }, () => {
        loads += 1;
        return Promise.resolve({ answer: loads, bytes: 1 });
      });
    };
    const changes = [
      {},
      { upstreamScope: 's' },
      { language: 'zh-cn' },
      { origin: 'p' },
      { call: 'd' },
      { request: { a: 1 } },
    ];
    for (const change of changes) await read(change);
    expect(loads).toBe(changes.length);
    expect(await read({})).toBe(1);
    await read({ cacheable: false });
    await read({ cacheable: false });
    expect(loads).toBe(changes.length + 2);
  });

  /** A cache whose loads answer what the test gives, on a clock that the test moves. */
  const cacheOf = (life: CacheLife) => {
    let nowMs = 0;
    let loads = 0;
    const cache = createAnswerCache(life, () => nowMs);
    return {
      clear: cache.clear,
      wait: (ms: number) => void (nowMs += ms),
      loads: () => loads,
      read: (key: string, answer: unknown = loads + 1, bytes = 1) =>
        cache.read(
          key,
          () => {
            loads += 1;
            return answer instanceof Error ? Promise.reject(answer) : Promise.resolve({ answer, bytes });
          },
          () => undefined,
        ),
    };
  };
  const gone = new GatewayError('UPSTREAM_UNREACHABLE', 'away');

  test('are answered where the upstream fails for their time, and not after it', async () => {
    const { read, wait } = cacheOf({ freshMs: 0, staleMs: 0, staleIfErrorMs: 1_000 });
    await read('key', 'kept');
    wait(999);
    expect(await read('key', gone)).toEqual({ answer: 'kept', ageMs: 999 });
    wait(1);
    await expect(read('key', gone)).rejects.toBe(gone);
  });

  test('are none where the lifetime is 0', async () => {
    const { read } = cacheOf({ freshMs: 0, staleMs: 0, staleIfErrorMs: 0 });
    await read('key');
    await expect(read('key', gone)).rejects.toBe(gone);
  });

  test.each([
    ['long answers', 'k', 1_000_000, 17],
    ['long questions', 'k'.repeat(100_000), 1, 170],
    ['many short ones', 'k', 1, 80_000],
  ])('the oldest make place for new ones: %s', async (_, key, bytes, more) => {
    const { read, loads } = cacheOf({ freshMs: 1_000, staleMs: 1_000, staleIfErrorMs: 1_000 });
    for (let question = 0; question < more; question += 1) await read(`${key}${question}`, question, bytes);
    expect(loads()).toBe(more);
    await read(`${key}${more - 1}`);
    expect(loads()).toBe(more);
    await read(`${key}0`);
    expect(loads()).toBe(more + 1);
  });

  test('are released when they expire', async () => {
    const { read, wait } = cacheOf({ freshMs: 0, staleMs: 0, staleIfErrorMs: 1_000 });
    const held = await (async () => {
      const answer = { rows: [] };
      await read('key', answer);
      return new WeakRef(answer);
    })();
    wait(1_000);
    await read('other', 'x');
    // A WeakRef that was created or read in a turn of the event loop keeps its target to the end of the turn.
    await new Promise(setImmediate);
    collectGarbage();
    expect(held.deref()).toBeUndefined();
    await read('other', 'x');
  });

  test('count their size once, however often they are refreshed', async () => {
    const { read, wait, loads } = cacheOf({ freshMs: 1_000, staleMs: 1_000, staleIfErrorMs: 1_000_000 });
    await read('other', 'x', 1_000_000);
    for (let time = 0; time < 50; time += 1) {
      wait(1);
      await read('key', 'x', 1_000_000);
      wait(999);
    }
    expect(loads()).toBeLessThanOrEqual(51);
    expect(await read('other', gone)).toMatchObject({ answer: 'x' });
  });

  test('of a caller whose answer is old, the next one tries again when reading it anew failed', async () => {
    const { read, wait, loads } = cacheOf({ freshMs: 10, staleMs: 1_000, staleIfErrorMs: 1_000 });
    await read('key', 'old');
    wait(100);
    expect(await read('key', gone)).toEqual({ answer: 'old', ageMs: 100 });
    await new Promise(setImmediate);
    expect(await read('key', 'new')).toEqual({ answer: 'old', ageMs: 100 });
    await new Promise(setImmediate);
    expect(await read('key')).toEqual({ answer: 'new', ageMs: 0 });
    expect(loads()).toBe(3);
  });

  test('of a caller whose answer is old, one reads it anew behind the callers’ backs', async () => {
    let nowMs = 0;
    let loads = 0;
    const cache = createAnswerCache({ freshMs: 10, staleMs: 1_000, staleIfErrorMs: 1_000 }, () => nowMs);
    const read = () =>
      cache.read(
        'key',
        () => Promise.resolve({ answer: (loads += 1), bytes: 1 }),
        () => undefined,
      );
    await read();
    nowMs = 100;
    expect(await Promise.all([read(), read(), read()])).toEqual(Array(3).fill({ answer: 1, ageMs: 100 }));
    await new Promise(setImmediate);
    expect(await read()).toEqual({ answer: 2, ageMs: 0 });
  });
});
