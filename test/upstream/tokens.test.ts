import { describe, expect, test } from 'vitest';
import { GatewayError, type ErrorCode } from '../../src/errors.ts';
import { createAccounts, createTokenSource } from '../../src/upstream/tokens.ts';

/** A token source whose account gets a new token each time, on a clock that the test moves. */
function source(lifeMs: number) {
  let nowMs = 1_000_000;
  let signIns = 0;
  let failure: Error | undefined;
  const tokens = createTokenSource(
    () => {
      signIns += 1;
      if (failure !== undefined) return Promise.reject(failure);
      return Promise.resolve({ value: `token ${signIns}`, expiresAtMs: nowMs + lifeMs });
    },
    createAccounts().of([]),
    () => nowMs,
  );
  return {
    tokens,
    wait: (ms: number) => void (nowMs += ms),
    signIns: () => signIns,
    fail: (error?: Error) => void (failure = error),
  };
}

const away = new GatewayError('UPSTREAM_UNREACHABLE', 'away');

describe('the token of an account', () => {
  test('is renewed before it ends, behind the callers’ backs', async () => {
    const { tokens, wait, signIns } = source(3_600_000);
    expect(await tokens.get()).toBe('token 1');
    wait(3_600_000 - 300_001);
    expect(await tokens.get()).toBe('token 1');
    expect(signIns()).toBe(1);
    wait(1);
    expect(await tokens.get()).toBe('token 1');
    expect(await tokens.get()).toBe('token 2');
  });

  test('goes on while it can’t be renewed, which is tried three times a minute at most', async () => {
    const { tokens, wait, signIns, fail } = source(3_600_000);
    await tokens.get();
    wait(3_600_000 - 300_000);
    fail(away);
    for (let second = 0; second < 60; second += 1) {
      expect(await tokens.get()).toBe('token 1');
      wait(1_000);
    }
    expect(signIns()).toBe(1 + 3);
    wait(240_000);
    await expect(tokens.get()).rejects.toBe(away);
    fail();
    expect(await tokens.get()).toBe('token 6');
  });

  test('goes on when renewing it is refused, and then nothing is sent for a minute', async () => {
    const { tokens, wait, signIns, fail } = source(3_600_000);
    await tokens.get();
    wait(3_600_000 - 300_000);
    fail(new GatewayError('SIGN_IN_REFUSED', 'no'));
    for (let second = 0; second < 60; second += 1) {
      expect(await tokens.get()).toBe('token 1');
      wait(1_000);
    }
    expect(signIns()).toBe(2);
    await tokens.get();
    expect(signIns()).toBe(3);
  });

  test('that has ended is not used', async () => {
    const { tokens, wait } = source(1_000);
    expect(await tokens.get()).toBe('token 1');
    wait(1_000);
    expect(await tokens.get()).toBe('token 2');
  });

  test('with a short life causes three sign-ins a minute at most', async () => {
    const { tokens, wait, signIns } = source(240_000);
    for (let second = 0; second < 60; second += 1) {
      await tokens.get();
      wait(1_000);
    }
    expect(signIns()).toBe(3);
  });

  test('that is refused again and again causes three sign-ins a minute at most', async () => {
    const { tokens, signIns, wait } = source(3_600_000);
    for (let time = 0; time < 2; time += 1) expect(tokens.drop(await tokens.get())).toBeUndefined();
    wait(20_500);
    for (let time = 0; time < 100; time += 1) expect(tokens.drop(await tokens.get())).toBe(40);
    expect(signIns()).toBe(3);
    wait(39_500);
    expect(tokens.drop(await tokens.get())).toBeUndefined();
    await tokens.get();
    expect(signIns()).toBe(4);
  });

  test('is dropped by a caller that had it, not by one that had the token before', async () => {
    const { tokens } = source(3_600_000);
    const first = await tokens.get();
    tokens.drop(first);
    expect(await tokens.get()).toBe('token 2');
    tokens.drop(first);
    expect(await tokens.get()).toBe('token 2');
  });

  test.each<[ErrorCode, number]>([
    ['SIGN_IN_REFUSED', 1],
    ['ACCOUNT_LOCKED', 1],
    ['FORBIDDEN', 1],
    ['UPSTREAM_REFUSED', 1],
    ['UPSTREAM_UNREACHABLE', 2],
  ])('after %s, two callers one after the other cause %i attempts', async (code, attempts) => {
    const { tokens, signIns, fail } = source(3_600_000);
    fail(new GatewayError(code, 'no'));
    await expect(tokens.get()).rejects.toMatchObject({ code });
    await expect(tokens.get()).rejects.toMatchObject({ code });
    expect(signIns()).toBe(attempts);
  });

  test('after a refusal the error has the time to wait, then sign-in is tried again', async () => {
    const { tokens, wait, signIns, fail } = source(3_600_000);
    fail(new GatewayError('SIGN_IN_REFUSED', 'no', { plane: 'IAM' }));
    await tokens.get().catch(() => undefined);
    wait(20_500);
    await expect(tokens.get()).rejects.toMatchObject({ details: { plane: 'IAM', retryAfter: 40 } });
    wait(39_500);
    fail();
    expect(await tokens.get()).toBe('token 2');
    wait(4_000_000);
    fail(away);
    await expect(tokens.get()).rejects.toBe(away);
    fail();
    expect(await tokens.get()).toBe('token 4');
    expect(signIns()).toBe(4);
  });

  test.each([
    [500, 3],
    [200, 3],
    [503, 20],
    [429, 20],
    [undefined, 20],
  ])('an answer (%s) that says nothing of the password is tried %i times in a minute at most', async (status, most) => {
    const { tokens, wait, signIns, fail } = source(3_600_000);
    fail(new GatewayError('UPSTREAM_FAILED', 'no', { ...(status !== undefined && { status }) }));
    for (let time = 0; time < 20; time += 1) await tokens.get().catch(() => undefined);
    expect(signIns()).toBe(most);
    wait(60_000);
    await tokens.get().catch(() => undefined);
    expect(signIns()).toBe(most + 1);
  });
});

describe('accounts', () => {
  test('are remembered by all that makes them, and none is another’s', () => {
    const { of } = createAccounts();
    const known = of(['AGENT', 'https://a', { user: 'u', password: 'p' }]);
    expect(of(['AGENT', 'https://a', { user: 'u', password: 'p' }])).toBe(known);
    expect(of(['AGENT', 'https://a', { user: 'u', password: 'q' }])).not.toBe(known);
    expect(of(['AGENT', 'https://b', { user: 'u', password: 'p' }])).not.toBe(known);
  });

  test('share one sign-in, whichever configuration begins it', async () => {
    const memory = createAccounts().of(['a']);
    let signIns = 0;
    const signIn = () => Promise.resolve({ value: `token ${(signIns += 1)}`, expiresAtMs: Date.now() + 3_600_000 });
    const [old, fresh] = [createTokenSource(signIn, memory), createTokenSource(signIn, memory)];
    expect(await Promise.all([old.get(), fresh.get()])).toEqual(['token 1', 'token 1']);
    expect(signIns).toBe(1);
  });
});
