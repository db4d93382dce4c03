import { createHash } from 'node:crypto';
import { GatewayError } from '../errors.ts';
import type { SharedAccount, SharedSignIns } from '../shared/signIns.ts';
import type { UpstreamName } from './observer.ts';
import { isAwayStatus } from './refusals.ts';

/** A token and the end of its life, in milliseconds since 1970. */
export interface Token {
  readonly value: string;
  readonly expiresAtMs: number;
}

/** A value that is known, or has to be waited for first. */
export interface Source<Value> {
  /** Undefined when it has to be waited for. Costs no promise: nearly every call finds it known. */
  readonly current: () => Value | undefined;
  readonly get: () => Promise<Value>;
}

/** The token of one account at one upstream. `get` signs in where there is none; one sign-in is in flight at most. */
export interface TokenSource extends Source<string> {
  /**
   * Says that the upstream no longer takes this token; the next `get` signs in. Where that may not be yet, since tokens die
   * again and again, the answer is for how many seconds.
   */
  readonly drop: (token: string) => number | undefined;
}

/** Tokens that a caller brought: its calls are sent with these alone. */
export interface OwnTokens {
  /** Undefined where it brought none. */
  readonly of: (upstream: UpstreamName) => string | undefined;
}

/** What the calls of an upstream are sent with. */
export interface Credentials {
  readonly tokens: TokenSource;
  /** Fills `{project_id}`; waited for only when a path needs it. */
  readonly project: Source<string>;
  /** The error for a token that is not taken, where no sign-in gives another one. */
  readonly onRefused?: (error: GatewayError) => GatewayError;
}

/** What is remembered of one account. */
export interface AccountMemory {
  token?: Token | undefined;
  /** The sign-in under way. */
  pending?: Promise<Token> | undefined;
  /** When the latest sign-in began. */
  begunAtMs: number;
  /** When the latest sign-ins were answered, by a token or otherwise. */
  answeredAtMs: readonly number[];
  /** What is answered from memory until then, since a further attempt could lock the account. */
  refusal?: { readonly error: GatewayError; readonly untilMs: number };
  /** The token that the upstream took no longer. */
  droppedToken?: string;
  /** Names it among replicas. */
  readonly shared: SharedAccount;
}

/** What is remembered of accounts while configurations come and go: who is configured as before goes on as before. */
export interface Accounts {
  /** @param account - all that makes it another account when it changes: where it signs in, by which name and password */
  readonly of: (account: readonly unknown[]) => AccountMemory;
  /** Left out: no other replica signs in. */
  readonly signIns?: SharedSignIns | undefined;
}

function hashOf(text: string): string {
  return createHash('sha256').update(text).digest('base64url');
}

function withoutPasswords(key: string, value: unknown): unknown {
  return key === 'password' ? undefined : value;
}

/** Remembers accounts, by nothing that a password could be read from. */
export function createAccounts(signIns?: SharedSignIns): Accounts {
  const known = new Map<string, AccountMemory>();
  return {
    signIns,
    of: (account) => {
      const key = hashOf(JSON.stringify(account));
      const memory = known.get(key) ?? {
        begunAtMs: -Infinity,
        answeredAtMs: [],
        shared: { upstreamScope: 'account', name: hashOf(JSON.stringify(account, withoutPasswords)), fingerprint: key },
      };
      known.set(key, memory);
      return memory;
    },
  };
}

/** A token is renewed this long before it ends, behind the callers' backs: while that fails, the old one goes on. */
export const renewBeforeMs = 5 * 60_000;

/** Renewing is tried this often at most. */
const renewEveryMs = 20_000;

/**
 * A token that is refused soon after it was given is not dead: the service refuses what is done with it. And failures of which
 * nobody knows what they mean may be wrong passwords as well: many refusals of the service are a plain 500.
 */
export const signInsAMinute = 3;

/** After a refused password nothing is sent for this long: the service locks an account at the fifth. */
export const pauseAfterRefusalMs = 60_000;

/** Whether somebody looked at the password, and not only at how busy or away the service is. */
export function wasJudged({ facts, details: { status } }: GatewayError): boolean {
  return facts.signIn === 'REFUSED' || !(status === undefined || status === 429 || isAwayStatus(status));
}

/**
 * Keeps the token of one account. Callers that come while a sign-in is under way share it, and its refusal too: it is
 * answered from memory for a minute, since a further attempt could lock the account (reference 7.1.1).
 */
export function createTokenSource(
  signIn: () => Promise<Token>,
  memory: AccountMemory = createAccounts().of([]),
  now: () => number = Date.now,
): TokenSource {
  const maySignInAgain = (): boolean => memory.answeredAtMs.filter((ms) => ms > now() - 60_000).length < signInsAMinute;

  const answered = (): void => {
    memory.answeredAtMs = [...memory.answeredAtMs.slice(1 - signInsAMinute), now()];
  };

  const begin = async (): Promise<Token> => {
    memory.begunAtMs = now();
    try {
      const token = await signIn();
      answered();
      memory.token = token;
      return token;
    } catch (error) {
      // What another replica was refused is remembered already.
      if (error instanceof GatewayError && wasJudged(error) && memory.refusal?.error !== error) {
        answered();
        if (error.facts.signIn === 'REFUSED' || !maySignInAgain())
          memory.refusal = { error, untilMs: now() + pauseAfterRefusalMs };
      }
      throw error;
    } finally {
      memory.pending = undefined;
    }
  };

  const shared = (): Promise<Token> => (memory.pending ??= begin());

  const refusedForMs = (): number => (memory.refusal === undefined ? 0 : memory.refusal.untilMs - now());

  const current = (): string | undefined => {
    const { token } = memory;
    const leftMs = (token?.expiresAtMs ?? 0) - now();
    if (token === undefined || leftMs <= 0) return undefined;
    const isDue = leftMs <= renewBeforeMs && refusedForMs() <= 0 && now() - memory.begunAtMs >= renewEveryMs;
    if (isDue) shared().catch(() => undefined);
    return token.value;
  };

  return {
    current,
    get: async () => {
      const known = current();
      if (known !== undefined) return known;
      const { refusal } = memory;
      const waitMs = refusedForMs();
      if (refusal !== undefined && waitMs > 0) {
        const { code, message, details } = refusal.error;
        throw new GatewayError(code, message, { ...details, retryAfter: Math.ceil(waitMs / 1000) });
      }
      return (await shared()).value;
    },
    drop: (dead) => {
      if (memory.token?.value !== dead) return undefined;
      if (!maySignInAgain()) return Math.ceil(((memory.answeredAtMs[0] ?? 0) + 60_000 - now()) / 1000);
      memory.token = undefined;
      memory.droppedToken = dead;
      return undefined;
    },
  };
}

/** The error for tokens that are refused soon after they are given: the account must wait before it signs in once more. */
export function tokensDie({ message, details }: GatewayError, retryAfter: number): GatewayError {
  return new GatewayError('RATE_LIMITED', `${message} Its tokens are refused soon after they are given.`, {
    ...details,
    retryAfter,
  });
}
