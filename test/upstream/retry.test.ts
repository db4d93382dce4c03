import { describe, expect, test } from 'vitest';
import { type ErrorCode, type ErrorDetails, GatewayError } from '../../src/errors.ts';
import type { Fault } from '../../src/sandbox/client.ts';
import { RetryBudget } from '../../src/upstream/retryBudget.ts';
import { configFor, useStage } from '../support/gateway.ts';
import {
  ask,
  leaguesQuery,
  runtimeQuery,
  transientFaults,
  updateLeagueMutation,
  useFaults,
} from '../support/resilience.ts';
import { useUpstreamServers } from '../support/upstreamServer.ts';

const stage = useStage();
const { addFault, countCalls, gatewayWith, onlineAgent, ownLeagueId } = useFaults(stage);
const { planesBefore } = useUpstreamServers(stage);

function failure(code: ErrorCode, details: ErrorDetails = {}) {
  return new GatewayError(code, 'no', details);
}
const away = failure('UPSTREAM_UNREACHABLE');

/** Attempts of a read that always fails so, for a caller with `remainingMs` left. Longest pauses, unless they are drawn otherwise. */
function attempts(error: GatewayError, { remainingMs = 10_000, random = 0.99 } = {}): readonly number[] {
  const budget = new RetryBudget(() => random);
  budget.earn();
  const pausesMs: number[] = [];
  for (let attempt = 1; ; attempt += 1) {
    const pauseMs = budget.spend(error, attempt, remainingMs);
    if (pauseMs === undefined) return pausesMs;
    pausesMs.push(pauseMs);
  }
}

describe('a read that fails', () => {
  test('is sent four times at most, and waits longer before each further attempt', () => {
    const [first = 0, second = 0, third = 0, ...others] = attempts(away);
    expect(others).toEqual([]);
    expect(second).toBeGreaterThan(first * 2);
    expect(third).toBeGreaterThan(second * 2);
    expect(attempts(away, { random: 0 })).toEqual([0, 0, 0]);
  });

  test.each<[string, GatewayError, number]>([
    ['an answer that broke off', failure('UPSTREAM_INVALID_ANSWER', { status: 200 }), 4],
    ['an answer that is too large', failure('UPSTREAM_INVALID_ANSWER'), 1],
    ['a time limit', failure('UPSTREAM_TIMEOUT'), 1],
    ['a refused password', failure('SIGN_IN_REFUSED', { status: 401 }), 1],
    ['a write that may have been carried out', failure('OUTCOME_UNKNOWN'), 1],
  ])('by %s', (_, error, expected) => {
    expect(1 + attempts(error).length).toBe(expected);
  });

  test('is not sent again when its caller leaves in the pause', async () => {
    let sent = 0;
    const planes = await planesBefore(
      (_, response) => {
        sent += 1;
        response
          .writeHead(429, { 'retry-after': '9' })
          .end('{}', () => setTimeout(() => leaving.abort(new Error('left')), 50));
      },
      { retries: true },
    );
    const leaving = new AbortController();
    const deadline = { signal: leaving.signal, remainingMs: () => 10_000 };
    await expect(planes(deadline).space.read('getOverview')).rejects.toThrow('left');
    expect(sent).toBe(1);
  });

  test('is not sent again where its caller would have left before', () => {
    const busy = failure('RATE_LIMITED', { status: 429, retryAfter: 5 });
    expect(attempts(busy, { remainingMs: 4_999 })).toEqual([]);
    expect(attempts(busy, { remainingMs: 5_001 })).toEqual([5_000, 5_000, 5_000]);
  });
});

test('the retry budget is bounded: after any number of successes, an outage gets a fixed few retries', () => {
  const budget = new RetryBudget();
  for (let read = 0; read < 1_000; read += 1) budget.earn();
  let retried = 0;
  for (let read = 0; read < 20; read += 1) {
    budget.earn();
    for (let attempt = 1; budget.spend(away, attempt, 10_000) !== undefined; attempt += 1) retried += 1;
  }
  expect(retried).toBeLessThanOrEqual(25);
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

  test('an upstream that only fails gets at most 1.2 times the calls, and a fixed few', () => {
    const budget = new RetryBudget();
    let retried = 0;
    for (let read = 0; read < 1_000; read += 1) {
      budget.earn();
      for (let attempt = 1; budget.spend(away, attempt, 10_000) !== undefined; attempt += 1) retried += 1;
    }
    expect(retried).toBeLessThanOrEqual(220);
    expect(retried).toBeGreaterThan(100);
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
