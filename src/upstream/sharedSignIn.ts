import { GatewayError, type ErrorCode } from '../errors.ts';
import type { SharedSignIns, SignInRecord } from '../shared/signIns.ts';
import { hideFromTexts } from './secrets.ts';
import {
  createTokenSource,
  pauseAfterRefusalMs,
  renewBeforeMs,
  signInsAMinute,
  wasPasswordChecked,
  type AccountState,
  type Accounts,
  type Token,
  type TokenSource,
} from './tokens.ts';

/** Polling interval while another replica signs in. */
const pollEveryMs = 50;

const minuteMs = 60_000;

function recentOf(answeredAtMs: readonly number[], nowMs: number): readonly number[] {
  return answeredAtMs.filter((ms) => ms > nowMs - minuteMs);
}

function tooOften(waitMs: number): GatewayError {
  return new GatewayError('RATE_LIMITED', 'The account has signed in too often within a minute.', {
    retryAfter: Math.max(1, Math.ceil(waitMs / 1000)),
  });
}

/**
 * The token of one account.
 *
 * @param account - see `Accounts.of`
 * @param signIn - sends the sign-in
 */
export function createAccountTokens(
  accounts: Accounts,
  account: readonly unknown[],
  signIn: () => Promise<Token>,
): TokenSource {
  const state = accounts.of(account);
  const { signIns } = accounts;
  return createTokenSource(signIns === undefined ? signIn : createSharedSignIn(signIn, state, signIns), state);
}

/**
 * Signs in when no replica has a token, one replica at a time. A refusal counts for all. While Valkey is away, each replica has
 * its share of the sign-ins a minute.
 *
 * @param signIn - sends the sign-in
 */
function createSharedSignIn(
  signIn: () => Promise<Token>,
  state: AccountState,
  signIns: SharedSignIns,
  now: () => number = Date.now,
): () => Promise<Token> {
  const { shared: account } = state;

  /** @throws GatewayError that another replica received */
  const tokenIn = (record: SignInRecord | null): Token | undefined => {
    const refusal = record?.refusal;
    if (refusal !== undefined && refusal.untilMs > now()) {
      const retryAfter = Math.ceil((refusal.untilMs - now()) / 1000);
      const error = new GatewayError(refusal.code as ErrorCode, refusal.message, { ...refusal.details, retryAfter });
      state.refusal = { error, untilMs: refusal.untilMs };
      throw error;
    }
    const token = record?.token;
    const isGood = token && token.value !== state.droppedToken && token.expiresAtMs - now() > renewBeforeMs;
    if (!isGood) return undefined;
    hideFromTexts(token.value);
    return token;
  };

  const signInAlone = async (): Promise<Token> => {
    const { replicas, rank } = signIns.share();
    const turns = Math.ceil(replicas / signInsAMinute);
    const isOwnTurn = Math.floor(now() / minuteMs) % turns === Math.floor(rank / signInsAMinute) % turns;
    const recent = recentOf(state.answeredAtMs, now());
    const ownShare = Math.max(1, Math.floor(signInsAMinute / replicas));
    if (!isOwnTurn || recent.length >= ownShare) throw tooOften(minuteMs - (now() % minuteMs));
    try {
      return await signIn();
    } catch (error) {
      if (error instanceof GatewayError && error.facts.signIn === 'REFUSED')
        state.refusal = { error, untilMs: now() + pauseAfterRefusalMs * replicas };
      throw error;
    }
  };

  const signInForAll = async (known: SignInRecord | null): Promise<{ record: SignInRecord; result: Token | Error }> => {
    const { fingerprint } = account;
    const recent = recentOf(known?.answeredAtMs ?? [], now());
    if (recent.length >= signInsAMinute) throw tooOften((recent[0] ?? 0) + minuteMs - now());
    try {
      const token = await signIn();
      return { record: { fingerprint, token, answeredAtMs: [...recent, now()] }, result: token };
    } catch (error) {
      if (!(error instanceof GatewayError && wasPasswordChecked(error))) throw error;
      const answeredAtMs = [...recent, now()];
      const isPaused = error.facts.signIn === 'REFUSED' || answeredAtMs.length >= signInsAMinute;
      const { code, message, details } = error;
      const refusal = { code, message, details, untilMs: now() + pauseAfterRefusalMs };
      return { record: { fingerprint, answeredAtMs, ...(isPaused && { refusal }) }, result: error };
    }
  };

  return async () => {
    for (;;) {
      const lock = await signIns.lock(account);
      if (lock === undefined) return signInAlone();
      try {
        // The lock keeps others from writing. While another replica holds it, the previous token may still be valid.
        const known = await signIns.read(account);
        if (known === undefined) return await signInAlone();
        const token = tokenIn(known);
        if (token !== undefined) return token;
        if (lock !== 'BUSY') {
          const { record, result } = await signInForAll(known);
          await lock.write(record);
          if (result instanceof Error) throw result;
          return result;
        }
      } finally {
        if (lock !== 'BUSY') await lock.release();
      }
      await new Promise((resolve) => setTimeout(resolve, pollEveryMs * (0.5 + Math.random())));
    }
  };
}
