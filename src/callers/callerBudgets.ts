import { mapMaybePromise } from '../maybePromise.ts';
import type { SharedBudgets } from '../shared/budgets.ts';
import type { BudgetState, CallBudgets } from './budgets.ts';
import type { Caller } from './caller.ts';
import { createBudgets } from './replicaBudgets.ts';

/** Keys with one name share a budget: rotating a key does not add a second one. */
function budgetOf({ payer, id, name }: Caller): string {
  return payer ?? id ?? name;
}

/** Identifies who pays. Undefined for anonymous callers, who can't be told apart. */
export function payerIdOf(payer: Caller): string | undefined {
  return payer.isAnonymous ? undefined : budgetOf(payer);
}

/** Limit of token hashes remembered as accepted by TICS. */
const maxAcceptedTokens = 10_000;

/** Who pays for upstream calls, and from which budget. Anonymous callers have none. */
export class CallerBudgets {
  readonly #budgets: CallBudgets;
  readonly #acceptedTokens = new Set<string>();

  constructor(perMinute: number, shared: SharedBudgets | undefined) {
    this.#budgets = createBudgets(perMinute, 'upstreamCalls', shared);
  }

  /**
   * The caller whose budget pays. Anyone can invent tokens of TICS, each with a budget of its own, so a token that TICS has
   * not accepted yet is charged to the client's address.
   */
  payerOf(caller: Caller, address = 'unknown'): Caller {
    const { tokens, payer } = caller;
    if (tokens === undefined || payer !== undefined || this.#acceptedTokens.has(tokens.hash)) return caller;
    return { ...caller, id: JSON.stringify(['address', address]) };
  }

  /** Remembers that TICS accepted the caller's tokens. */
  accept({ tokens }: Caller): void {
    if (tokens === undefined) return;
    this.#acceptedTokens.add(tokens.hash);
    const [oldest] = this.#acceptedTokens;
    if (this.#acceptedTokens.size > maxAcceptedTokens && oldest !== undefined) this.#acceptedTokens.delete(oldest);
  }

  /** Reserves calls. Returns the seconds to wait if too few are left, and reserves none then. */
  take(caller: Caller, calls: number): ReturnType<CallBudgets['take']> {
    return caller.isAnonymous ? undefined : this.#budgets.take(budgetOf(caller), calls);
  }

  /** Refreshes what is left without reserving anything. */
  refresh(caller: Caller): number | Promise<number> {
    return mapMaybePromise(this.take(caller, 0), () => 0);
  }

  /** Replaces the reserved calls by the actual ones: `calls` is the difference. */
  correct(caller: Caller, calls: number): void {
    if (!caller.isAnonymous) this.#budgets.correct(budgetOf(caller), calls);
  }

  stateOf(caller: Caller): BudgetState | undefined {
    return caller.isAnonymous ? undefined : this.#budgets.stateOf(budgetOf(caller));
  }

  close(): void {
    this.#budgets.close();
  }

  /** Headers of an answer (draft-ietf-httpapi-ratelimit-headers): calls left, and the seconds until the budget is full again. */
  headersFor(caller: Caller): readonly (readonly [string, string])[] {
    const state = this.stateOf(caller);
    if (state === undefined) return [];
    const { maximumAvailable, currentlyAvailable } = state;
    const fullInSeconds = Math.ceil(((maximumAvailable - currentlyAvailable) / Math.max(1, maximumAvailable)) * 60);
    return [
      ['ratelimit-policy', `"upstreamCalls";q=${maximumAvailable};w=60`],
      ['ratelimit', `"upstreamCalls";r=${currentlyAvailable};t=${fullInSeconds}`],
    ];
  }
}
