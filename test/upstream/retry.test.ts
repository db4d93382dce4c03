import { setTimeout as wait } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import { type ErrorCode, type ErrorDetails, GatewayError } from '../../src/errors.ts';
import type { Fault } from '../../src/sandbox/client.ts';
import { createRetrying } from '../../src/upstream/retry.ts';
import { configFor, useStage } from '../support/gateway.ts';
import {
  ask,
  leaguesQuery,
  runtimeQuery,
  transientFaults,
  updateLeagueMutation,
  useFaults,
} from '../support/resilience.ts';

const stage = useStage();
const { addFault, countCalls, gatewayWith, onlineAgent, ownLeagueId } = useFaults(stage);

function failure(code: ErrorCode, details: ErrorDetails = {}) {
  return new GatewayError(code, 'no', details);
}
const away = failure('UPSTREAM_UNREACHABLE');

/** A read that fails `times` times before it answers, for a caller with `remainingMs` left. */
function reads(error: GatewayError, { times = Infinity, remainingMs = 10_000, random = 0 } = {}) {
  let attempts = 0;
  const draws: number[] = [];
  const { run } = createRetrying({
    observe: () => undefined,
    random: () => {
      draws.push(attempts);
      return random;
    },
  });
  const work = (): Promise<string> => {
    attempts += 1;
    return attempts > times ? Promise.resolve('answer') : Promise.reject(error);
  };
  const leaving = new AbortController();
  return {
    run: () => run({ signal: leaving.signal, remainingMs: () => remainingMs }, work),
    attempts: () => attempts,
    leave: (reason: Error) => leaving.abort(reason),
    draws,
  };
}

describe('a read that fails', () => {
  test('is sent four times at most', async () => {
    const { run, attempts } = reads(away);
    await expect(run()).rejects.toBe(away);
    expect(attempts()).toBe(4);
  });

  test.each<[string, GatewayError, number]>([
    ['an answer that broke off', failure('UPSTREAM_INVALID_ANSWER', { status: 200 }), 2],
    ['an answer that is too large', failure('UPSTREAM_INVALID_ANSWER'), 1],
    ['a time limit', failure('UPSTREAM_TIMEOUT'), 1],
    ['a refused password', failure('SIGN_IN_REFUSED', { status: 401 }), 1],
    ['a write that may have been carried out', failure('OUTCOME_UNKNOWN'), 1],
  ])('by %s', async (_, error, expected) => {
    const { run, attempts } = reads(error, { times: 1 });
    await run().catch(() => undefined);
    expect(attempts()).toBe(expected);
  });

  test('is not sent again when its caller leaves in the pause', async () => {
    const { run, attempts, leave } = reads(failure('RATE_LIMITED', { status: 429, retryAfter: 9 }));
    const asked = run();
    await wait(0);
    leave(new Error('left'));
    await expect(asked).rejects.toThrow('left');
    expect(attempts()).toBe(1);
  });

  test('is not sent again where its caller would have left before', async () => {
    const { run, attempts } = reads(failure('RATE_LIMITED', { status: 429, retryAfter: 5 }), { remainingMs: 4_999 });
    await expect(run()).rejects.toMatchObject({ details: { retryAfter: 5 } });
    expect(attempts()).toBe(1);
  });

  test('waits longer before each further attempt', async () => {
    // The pauses are up to 60, 120 and 240 ms: a caller with 200 ms left sees the third one refused.
    const { run, attempts, draws } = reads(away, { random: 0.99, remainingMs: 200 });
    await expect(run()).rejects.toBe(away);
    expect(attempts()).toBe(3);
    expect(draws).toEqual([1, 2, 3]);
  });
});

test('the retry budget is bounded: after any number of successes, an outage gets a fixed few retries', async () => {
  const retried: string[] = [];
  const { run } = createRetrying({ observe: (reason) => retried.push(reason), random: () => 0 });
  const caller = { signal: new AbortController().signal, remainingMs: () => 10_000 };
  for (let read = 0; read < 1_000; read += 1) await run(caller, () => Promise.resolve());
  for (let read = 0; read < 20; read += 1) await run(caller, () => Promise.reject(away)).catch(() => undefined);
  expect(retried.length).toBeLessThanOrEqual(25);
});

describe('sending reads again', () => {
  test.each(transientFaults)('%s costs one more call and no answer', async (_, fault) => {
    const gateway = gatewayWith({ retries: true });
    await addFault('listLeagues', fault, { times: 1 });
    expect((await ask(gateway, leaguesQuery)).errors).toBeUndefined();
    expect(await countCalls('listLeagues')).toBe(2);
  });

  test('408 costs one more call and no answer: the server did not get the whole request', async () => {
    const gateway = gatewayWith({ retries: true });
    await addFault('listLeagues', { kind: 'status', status: 408 }, { times: 1 });
    expect((await ask(gateway, leaguesQuery)).errors).toBeUndefined();
    expect(await countCalls('listLeagues')).toBe(2);
  });

  test.each<[string, Fault]>([
    ['a refusal', { kind: 'status', status: 403 }],
    ['a failure of the service itself', { kind: 'status', status: 500 }],
  ])('%s stays one however often it is asked', async (_, fault) => {
    const gateway = gatewayWith({ retries: true });
    await addFault('listLeagues', fault);
    expect((await ask(gateway, leaguesQuery)).errors).toHaveLength(1);
    expect(await countCalls('listLeagues')).toBe(1);
  });

  test.each(transientFaults)('a write is sent once, whatever comes back: %s', async (_, fault) => {
    const gateway = gatewayWith({ retries: true });
    await addFault('updateLeague', fault);
    await ask(gateway, updateLeagueMutation, {
      input: { id: ownLeagueId(), description: 'once' },
    });
    expect(await countCalls('updateLeague')).toBe(1);
  });

  test('signing in is tried again too, where no answer came', async () => {
    const gateway = gatewayWith({ retries: true });
    await addFault('createToken', { kind: 'reset', at: 'before' }, { times: 1 });
    expect((await ask(gateway, leaguesQuery)).errors).toBeUndefined();
    expect(await countCalls('createToken')).toBe(2);
  });

  test('an upstream that only fails gets at most 1.2 times the calls, and a fixed few', async () => {
    const retried: string[] = [];
    const { run } = createRetrying({ observe: (reason) => retried.push(reason), random: () => 0 });
    const fail = () => Promise.reject(new GatewayError('UPSTREAM_UNREACHABLE', 'away', { plane: 'SPACE' }));
    const caller = { signal: new AbortController().signal, remainingMs: () => 10_000 };
    for (let call = 0; call < 1_000; call += 1) await expect(run(caller, fail)).rejects.toThrow('away');
    expect(retried.length).toBeLessThanOrEqual(220);
    expect(retried.length).toBeGreaterThan(100);
  });

  test('pauses are random', async () => {
    const draws: number[] = [];
    const random = () => {
      draws.push(draws.length);
      return 0;
    };
    const { run } = createRetrying({ observe: () => undefined, random });
    const fail = () => Promise.reject(new GatewayError('UPSTREAM_UNREACHABLE', 'away', { plane: 'SPACE' }));
    await run({ signal: new AbortController().signal, remainingMs: () => 10_000 }, fail).catch(() => undefined);
    expect(draws.length).toBeGreaterThanOrEqual(2);
  });
});

describe('Retry-After', () => {
  test('is waited for', async () => {
    const gateway = gatewayWith({ retries: true });
    await addFault('listLeagues', { kind: 'status', status: 429, retryAfter: '1' }, { times: 1 });
    expect((await ask(gateway, leaguesQuery)).errors).toBeUndefined();
    const [first, second] = await stage.sandbox.client.calls({ operationId: 'listLeagues' });
    expect((second?.receivedAtMs ?? 0) - (first?.receivedAtMs ?? 0)).toBeGreaterThanOrEqual(950);
  });

  test.each([429, 503])('longer than the deadline, the error has the time to wait at once (%i)', async (status) => {
    const gateway = gatewayWith({ retries: true, operationTimeoutMs: 5_000 });
    await addFault('listLeagues', { kind: 'status', status, retryAfter: '3600' });
    const { errors } = await ask(gateway, leaguesQuery);
    expect(errors).toMatchObject([{ extensions: { status, retryAfter: 3600 } }]);
    expect(await countCalls('listLeagues')).toBe(1);
  });

  test('shared reads do not wait for hours either', async () => {
    const { id } = onlineAgent();
    const tics = configFor(stage.sandbox);
    const gateway = gatewayWith(
      { retries: true, operationTimeoutMs: 3_000 },
      { agents: tics.agents.map(({ url, ...agent }) => agent) },
    );
    // The second read of its address is shared work, not that of one caller.
    await addFault('getAgentDeployment', { kind: 'status', status: 429, retryAfter: '3600' }, { after: 1 });
    expect(await ask(gateway, runtimeQuery(id))).toMatchObject({
      errors: [{ extensions: { code: 'RATE_LIMITED', retryAfter: 3600 } }],
    });
  });
});
