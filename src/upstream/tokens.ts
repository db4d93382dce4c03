import { GatewayError, type ErrorCode } from '../errors.ts';

/** A token and the end of its life, in milliseconds since 1970. */
export interface Token {
  readonly value: string;
  readonly expiresAtMs: number;
}

/** The token of one account at one upstream. */
export interface TokenSource {
  /** The token in use, signing in first where there is none; one sign-in is in flight at most. */
  readonly get: () => Promise<string>;
  /** Says that the upstream no longer takes this token; the next `get` signs in. */
  readonly drop: (token: string) => void;
}

/** A token is renewed this long before it ends, so that it does not end on the way. */
const renewBeforeMs = 5 * 60_000;

/** A token that is refused soon after it was given is not dead: the service refuses what is done with it. */
const signInsAMinute = 3;

/** After a refused password nothing is sent for this long: the service locks an account at the fifth. */
const pauseAfterRefusalMs = 60_000;

/** What an account is told that is not let in; anything else is no word about the account, and may be tried again. */
const refusals: ReadonlySet<ErrorCode> = new Set([
  'SIGN_IN_REFUSED',
  'ACCOUNT_LOCKED',
  'FORBIDDEN',
  'UPSTREAM_REFUSED',
]);

/**
 * Keeps the token of one account. Callers that come while a sign-in is under way share it, and its refusal too: it is
 * answered from memory for a minute, since a further attempt could lock the account (reference 7.1.1).
 */
export const createTokenSource = (signIn: () => Promise<Token>, now: () => number = Date.now): TokenSource => {
  let token: Token | undefined;
  let pending: Promise<Token> | undefined;
  /** When the latest tokens were given. */
  let givenAtMs: readonly number[] = [];
  let refusal: { readonly error: GatewayError; readonly atMs: number } | undefined;

  const begin = async (): Promise<Token> => {
    try {
      token = await signIn();
      refusal = undefined;
      givenAtMs = [...givenAtMs.slice(1 - signInsAMinute), now()];
      return token;
    } catch (error) {
      if (error instanceof GatewayError && refusals.has(error.code)) refusal = { error, atMs: now() };
      throw error;
    } finally {
      pending = undefined;
    }
  };

  const maySignInAgain = (): boolean => givenAtMs.filter((ms) => ms > now() - 60_000).length < signInsAMinute;

  return {
    get: async () => {
      const leftMs = (token?.expiresAtMs ?? 0) - now();
      if (token !== undefined && leftMs > 0 && (leftMs > renewBeforeMs || !maySignInAgain())) return token.value;
      const waitMs = refusal === undefined ? 0 : refusal.atMs + pauseAfterRefusalMs - now();
      if (refusal !== undefined && waitMs > 0) {
        const { code, message, details } = refusal.error;
        throw new GatewayError(code, message, { ...details, retryAfter: Math.ceil(waitMs / 1000) });
      }
      pending ??= begin();
      return (await pending).value;
    },
    drop: (dead) => {
      if (token?.value === dead && maySignInAgain()) token = undefined;
    },
  };
};
