import { setTimeout as wait } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import { GatewayError, type ErrorCode, type ErrorDetails } from '../../src/errors.ts';
import { createRetrying } from '../../src/upstream/retry.ts';

function failure(code: ErrorCode, details: ErrorDetails = {}) {
  return new GatewayError(code, 'no', details);
}
const away = failure('UPSTREAM_UNREACHABLE');

/** Reads that fail so many times before they answer, by a caller who waits for so long. */
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

test('what reads that succeed have earned is bounded: after any number of them, an outage gets a fixed few more', async () => {
  const retried: string[] = [];
  const { run } = createRetrying({ observe: (reason) => retried.push(reason), random: () => 0 });
  const caller = { signal: new AbortController().signal, remainingMs: () => 10_000 };
  for (let read = 0; read < 1_000; read += 1) await run(caller, () => Promise.resolve());
  for (let read = 0; read < 20; read += 1) await run(caller, () => Promise.reject(away)).catch(() => undefined);
  expect(retried.length).toBeLessThanOrEqual(25);
});
