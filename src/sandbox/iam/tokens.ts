import { createHash, randomBytes } from 'node:crypto';
import type { Plane } from '../contract/document.ts';

export interface TokenClock {
  now(): number;
}

export interface Token {
  readonly text: string;
  readonly expiresAtMs: number;
}

/** Tokens of IAM and of all agents, each valid for its audience only. */
export interface Tokens {
  issue(holder: string): Token;
  isValid(holder: string, token: string): boolean;
  /** Revokes the tokens of one audience, or all. */
  expire(holder?: string): void;
}

/** The server that a token is valid for. */
export function tokenAudience(plane: Plane, agentId: string | undefined): string {
  return plane === 'agent' ? `agent ${agentId ?? ''}` : 'iam';
}

export const tokenLifeMs = 24 * 60 * 60 * 1000;

/** Identifies a token in the call log. */
export function tokenFingerprint(token: string): string {
  return createHash('sha256').update(token).digest('hex').slice(0, 12);
}

export function createTokens(clock: TokenClock): Tokens {
  const issued = new Map<string, { readonly holder: string; readonly expiresAtMs: number }>();
  return {
    issue(holder) {
      const text = randomBytes(48).toString('base64url');
      const expiresAtMs = clock.now() + tokenLifeMs;
      issued.set(text, { holder, expiresAtMs });
      return { text, expiresAtMs };
    },
    isValid(holder, token) {
      const found = issued.get(token);
      return found?.holder === holder && found.expiresAtMs > clock.now();
    },
    expire(holder) {
      for (const [text, token] of issued) if (holder === undefined || token.holder === holder) issued.delete(text);
    },
  };
}

/** Locks an account after too many wrong passwords. */
export interface SignInLimiter {
  isLocked(account: string): boolean;
  failed(account: string): void;
  succeeded(account: string): void;
}

const wrongPasswordsBeforeLock = 5;
const lockMs = 60_000;

export function createSignInLimiter(clock: TokenClock): SignInLimiter {
  const failures = new Map<string, { count: number; lockedUntilMs: number }>();
  return {
    isLocked: (account) => (failures.get(account)?.lockedUntilMs ?? 0) > clock.now(),
    failed(account) {
      const count = (failures.get(account)?.count ?? 0) + 1;
      const isLocking = count >= wrongPasswordsBeforeLock;
      failures.set(account, { count: isLocking ? 0 : count, lockedUntilMs: isLocking ? clock.now() + lockMs : 0 });
    },
    succeeded(account) {
      failures.delete(account);
    },
  };
}
