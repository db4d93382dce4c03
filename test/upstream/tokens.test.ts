import { describe, expect, test } from 'vitest';
import { GatewayError, type ErrorCode } from '../../src/errors.ts';
import { createTokenSource } from '../../src/upstream/tokens.ts';

/** A token source whose account gets a new token each time, on a clock that the test moves. */
const source = (lifeMs: number) => {
  let nowMs = 1_000_000;
  let signIns = 0;
  const tokens = createTokenSource(
    () => {
      signIns += 1;
      return Promise.resolve({ value: `token ${signIns}`, expiresAtMs: nowMs + lifeMs });
    },
    () => nowMs,
  );
  return { tokens, wait: (ms: number) => void (nowMs += ms), signIns: () => signIns };
};

describe('the token of an account', () => {
  test('is renewed before it ends', async () => {
    const { tokens, wait } = source(3_600_000);
    expect(await tokens.get()).toBe('token 1');
    wait(3_600_000 - 300_001);
    expect(await tokens.get()).toBe('token 1');
    wait(1);
    expect(await tokens.get()).toBe('token 2');
  });

  test('with a short life causes three sign-ins a minute at most', async () => {
    const { tokens, wait, signIns } = source(240_000);
    for (let time = 0; time < 100; time += 1) await tokens.get();
    expect(signIns()).toBe(3);
    wait(60_000);
    await tokens.get();
    expect(signIns()).toBe(4);
  });

  test('that is refused again and again causes three sign-ins a minute at most', async () => {
    const { tokens, signIns } = source(3_600_000);
    for (let time = 0; time < 100; time += 1) tokens.drop(await tokens.get());
    expect(signIns()).toBe(3);
  });

  test.each<[ErrorCode, number]>([
    ['SIGN_IN_REFUSED', 1],
    ['ACCOUNT_LOCKED', 1],
    ['FORBIDDEN', 1],
    ['UPSTREAM_REFUSED', 1],
    ['UPSTREAM_UNREACHABLE', 2],
  ])('after %s, two callers one after the other cause %i attempts', async (code, attempts) => {
    let signIns = 0;
    const tokens = createTokenSource(() => {
      signIns += 1;
      return Promise.reject(new GatewayError(code, 'no'));
    });
    await expect(tokens.get()).rejects.toMatchObject({ code });
    await expect(tokens.get()).rejects.toMatchObject({ code });
    expect(signIns).toBe(attempts);
  });
});
