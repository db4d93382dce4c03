import { createHash } from 'node:crypto';
import { GatewayError } from '../errors.ts';
import type { SharedAccount, SharedSignIns } from '../shared/signIns.ts';
import type { UpstreamName } from './observer.ts';
import { isAwayStatus } from './refusals.ts';

/** A token with its expiry, in epoch milliseconds. */
export interface Token {
  readonly value: string;
  readonly expiresAtMs: number;
}

/** A value that is known or has to be fetched. */
export interface Source<Value> {
  /** Undefined when it has to be fetched. Needs no promise: nearly every call finds it known. */
  readonly current: () => Value | undefined;
  readonly get: () => Promise<Value>;
}

/** The token of one account at one upstream. `get` signs in when there is none, with at most one sign-in in flight. */
export interface TokenSource extends Source<string> {
  /**
   * Drops a token that the upstream refused: the next `get` signs in.
   *
   * @returns seconds to wait, when the account has signed in too often to do so now; the token is kept then
   */
  readonly drop: (token: string) => number | undefined;
}

/** Tokens of the caller's own: its calls are sent with these only. */
export interface OwnTokens {
  /** Undefined for an upstream without one. */
  readonly of: (upstream: UpstreamName) => string | undefined;
}

/** Credentials for the calls of an upstream. */
export interface Credentials {
  readonly tokens: TokenSource;
  /** Fills `{project_id}`; waited for only when a path needs it. */
  readonly project: Source<string>;
  /** The error for a refused token, when there is no sign-in to get another. */
  readonly onRefused?: (error: GatewayError) => GatewayError;
}

/** The sign-in state of one account. */
export interface AccountState {
  token?: Token | undefined;
  /** The sign-in in flight. */
  pending?: Promise<Token> | undefined;
  /** When the latest sign-in began. */
  begunAtMs: number;
  /** When the latest sign-ins were answered, by a token or otherwise. */
  answeredAtMs: readonly number[];
  /** The latest refusal. Repeated until then, since a further attempt could lock the account. */
  refusal?: { readonly error: GatewayError; readonly untilMs: number };
  /** The latest token that the upstream refused. */
  droppedToken?: string;
  /** Identifies the account among replicas. */
  readonly shared: SharedAccount;
}

/** Sign-in state of accounts, kept when the configuration is reloaded. */
export interface Accounts {
  /** @param account - what identifies it: where it signs in, its name and its password */
  readonly of: (account: readonly unknown[]) => AccountState;
  /** Default: this is the only replica. */
  readonly signIns?: SharedSignIns | undefined;
}

function hashOf(text: string): string {
  return createHash('sha256').update(text).digest('base64url');
}

function withoutPasswords(key: string, value: unknown): unknown {
  return key === 'password' ? undefined : value;
}

/** Keys are hashes, so that passwords are not kept. */
export function createAccounts(signIns?: SharedSignIns): Accounts {
  const known = new Map<string, AccountState>();
  return {
    signIns,
    of: (account) => {
      const key = hashOf(JSON.stringify(account));
      const state = known.get(key) ?? {
        begunAtMs: -Infinity,
        answeredAtMs: [],
        shared: { upstreamScope: 'account', name: hashOf(JSON.stringify(account, withoutPasswords)), fingerprint: key },
      };
      known.set(key, state);
      return state;
    },
  };
}

/** A token is renewed this long before it expires, in the background. If that fails, the old one stays in use. */
export const renewBeforeMs = 5 * 60_000;

/** Shortest interval between attempts to renew. */
const renewEveryMs = 20_000;

/**
 * Sign-ins a minute at most. A new token that is refused at once is valid: the service refuses the request, and further sign-ins
 * do not help. And an unclear failure can mean a wrong password: many refusals of the service are a plain 500.
 */
export const signInsAMinute = 3;

/** After a refused password no sign-in is sent for this long: the service locks an account at the fifth. */
export const pauseAfterRefusalMs = 60_000;

/** False when the service was busy or away and did not check the password. */
export function wasPasswordChecked({ facts, details: { status } }: GatewayError): boolean {
  return facts.signIn === 'REFUSED' || !(status === undefined || status === 429 || isAwayStatus(status));
}

/**
 * The token of one account. Concurrent callers share one sign-in. A refusal is repeated to all for a minute, since a further attempt
 * could lock the account (reference 7.1.1).
 */
export function createTokenSource(
  signIn: () => Promise<Token>,
  state: AccountState = createAccounts().of([]),
  now: () => number = Date.now,
): TokenSource {
  const maySignInAgain = (): boolean => state.answeredAtMs.filter((ms) => ms > now() - 60_000).length < signInsAMinute;

  const answered = (): void => {
    state.answeredAtMs = [...state.answeredAtMs.slice(1 - signInsAMinute), now()];
  };

  const begin = async (): Promise<Token> => {
    state.begunAtMs = now();
    try {
      const token = await signIn();
      answered();
      state.token = token;
      return token;
    } catch (error) {
      // The refusal of another replica is stored already.
      if (error instanceof GatewayError && wasPasswordChecked(error) && state.refusal?.error !== error) {
        answered();
        if (error.facts.signIn === 'REFUSED' || !maySignInAgain())
          state.refusal = { error, untilMs: now() + pauseAfterRefusalMs };
      }
      throw error;
    } finally {
      state.pending = undefined;
    }
  };

  const shared = (): Promise<Token> => (state.pending ??= begin());

  const refusedForMs = (): number => (state.refusal === undefined ? 0 : state.refusal.untilMs - now());

  const current = (): string | undefined => {
    const { token } = state;
    const leftMs = (token?.expiresAtMs ?? 0) - now();
    if (token === undefined || leftMs <= 0) return undefined;
    const isDue = leftMs <= renewBeforeMs && refusedForMs() <= 0 && now() - state.begunAtMs >= renewEveryMs;
    if (isDue) shared().catch(() => undefined);
    return token.value;
  };

  return {
    current,
    get: async () => {
      const known = current();
      if (known !== undefined) return known;
      const { refusal } = state;
      const waitMs = refusedForMs();
      if (refusal !== undefined && waitMs > 0) {
        const { code, message, details } = refusal.error;
        throw new GatewayError(code, message, { ...details, retryAfter: Math.ceil(waitMs / 1000) });
      }
      return (await shared()).value;
    },
    drop: (dead) => {
      if (state.token?.value !== dead) return undefined;
      if (!maySignInAgain()) return Math.ceil(((state.answeredAtMs[0] ?? 0) + 60_000 - now()) / 1000);
      state.token = undefined;
      state.droppedToken = dead;
      return undefined;
    },
  };
}

/** The error when new tokens are refused at once: the account must wait before it signs in again. */
export function tokensRefused({ message, details }: GatewayError, retryAfter: number): GatewayError {
  return new GatewayError('RATE_LIMITED', `${message} Its tokens are refused soon after they are given.`, {
    ...details,
    retryAfter,
  });
}
