import type { BudgetChange, BudgetLimit, BudgetReply, SharedBudgets } from '../shared/budgets.ts';
import { Budgets, secondsFor, stateOf, type BudgetState, type CallBudgets } from './budgets.ts';

/** The refill interval: after it, unused calls taken ahead are returned, and overdrawn ones are reported. */
export const refillEveryMs = 250;

/** Full budgets are forgotten once there are so many. */
const sweepAbove = 10_000;

/** What this replica gives a caller while it is on its own. */
interface OwnShare {
  used: number;
  /** Of these, taken while on its own: other replicas do not know of them. */
  unreported: number;
  atMs: number;
}

/** What one replica knows of a budget. */
interface Portion {
  readonly name: string;
  /** Used calls of all replicas, calls taken ahead included, as reported at `atMs`. */
  used: number;
  atMs: number;
  /** What is left of the calls that this replica took; below 0 when it used more. */
  left: number;
  /** Calls within this interval: as many are taken ahead for the next one. */
  spent: number;
  ahead: number;
  own?: OwnShare | undefined;
  /** Exchanges under way. */
  exchanges: number;
  /** Used calls announced by a message during an exchange, whose reply may be older: it comes over another connection. */
  announced: number;
}

interface Asked {
  readonly portion: Portion;
  readonly calls: number;
  readonly resolve: (seconds: number | undefined) => void;
}

/** How budgets are shared. */
export interface ReplicaBudgetsOptions {
  /** Budgets of different kinds are different. */
  readonly kind: string;
  readonly shared: SharedBudgets;
  readonly now?: () => number;
}

/**
 * Budgets that all replicas have together. A replica takes calls from what is shared before they are spent, never more than are
 * there. What a caller spends in an interval is taken ahead for the next one, behind its back: a busy caller waits for nothing.
 * While nobody can tell what is left, each replica gives its share.
 */
export class ReplicaBudgets implements CallBudgets {
  readonly #kind: string;
  readonly #shared: SharedBudgets;
  readonly #limit: BudgetLimit;
  readonly #now: () => number;
  readonly #portions = new Map<string, Portion>();
  /** Those that have something to tell, or to give back. */
  readonly #active = new Set<Portion>();
  readonly #stopListening: () => void;
  #asked: Asked[] = [];
  #isAsking = false;
  #timer: NodeJS.Timeout | undefined;

  constructor(callsPerMinute: number, { kind, shared, now = () => performance.now() }: ReplicaBudgetsOptions) {
    this.#limit = { maximum: callsPerMinute, perMs: callsPerMinute / 60_000 };
    this.#kind = kind;
    this.#shared = shared;
    this.#now = now;
    this.#stopListening = shared.onUsedUp(kind, (name, used) => this.#onUsedUp(this.#portionNamed(name), used));
  }

  take(caller: string, calls: number): number | undefined | Promise<number | undefined> {
    const portion = this.#portionOf(caller);
    if (!this.#shared.answers()) return this.#takeAlone(portion, calls);
    if (calls > 0 && portion.own === undefined && portion.left >= calls) return this.#spend(portion, calls);
    return new Promise((resolve) => {
      this.#asked.push({ portion, calls, resolve });
      if (!this.#isAsking) void this.#ask();
    });
  }

  correct(caller: string, calls: number): void {
    const portion = this.#portionOf(caller);
    if (this.#shared.answers() || portion.own === undefined) {
      portion.left -= calls;
      this.#activate(portion);
    } else this.#correctAlone(portion.own, calls);
  }

  stateOf(caller: string): BudgetState {
    const { maximum, perMs } = this.#limit;
    const portion = this.#portionOf(caller);
    if (this.#shared.answers()) return stateOf(this.#usedOf(portion) - portion.left, maximum, perMs);
    const replicas = this.#shared.replicas();
    return stateOf(this.#ownShareOf(portion).used, maximum / replicas, perMs / replicas);
  }

  /** Gives back what was taken ahead. */
  close(): void {
    this.#stopListening();
    clearTimeout(this.#timer);
    for (const portion of this.#active) portion.spent = 0;
    void this.#reconcile();
    this.#active.clear();
  }

  #portionOf(caller: string): Portion {
    return this.#portionNamed(this.#shared.nameOf(caller));
  }

  #portionNamed(name: string): Portion {
    const known = this.#portions.get(name);
    if (known !== undefined) return known;
    if (this.#portions.size > sweepAbove) this.#forgetFull();
    const portion: Portion = {
      name,
      used: 0,
      atMs: this.#now(),
      left: 0,
      spent: 0,
      ahead: 0,
      exchanges: 0,
      announced: 0,
    };
    this.#portions.set(name, portion);
    return portion;
  }

  #forgetFull(): void {
    for (const [name, portion] of this.#portions)
      if (!this.#active.has(portion) && this.#usedOf(portion) === 0) this.#portions.delete(name);
  }

  #usedOf({ used, atMs }: Portion): number {
    return Math.max(0, used - (this.#now() - atMs) * this.#limit.perMs);
  }

  #onUsedUp(portion: Portion, used: number): void {
    portion.announced = portion.exchanges > 0 ? Math.max(portion.announced, used) : 0;
    this.#setUsed(portion, used);
  }

  #setUsed(portion: Portion, used: number): void {
    portion.used = Math.max(used, portion.announced);
    portion.atMs = this.#now();
  }

  #spend(portion: Portion, calls: number): undefined {
    portion.left -= calls;
    portion.spent += calls;
    this.#activate(portion);
  }

  #activate(portion: Portion): void {
    this.#active.add(portion);
    this.#timer ??= setTimeout(() => {
      this.#timer = undefined;
      void this.#reconcile();
    }, refillEveryMs).unref();
  }

  /** Asks for all who wait in one step. One at a time: who comes meanwhile is asked for by the next one. */
  async #ask(): Promise<void> {
    this.#isAsking = true;
    while (this.#asked.length > 0) {
      const asked = this.#asked.splice(0);
      const first = new Set<Portion>();
      const changes = asked.map(({ portion, calls }) => {
        const ahead = first.has(portion) ? 0 : portion.ahead;
        first.add(portion);
        return { name: portion.name, calls, ahead };
      });
      const unreported = [...first].filter(({ own }) => own !== undefined);
      const replies = await this.#exchange(unreported, changes);
      asked.forEach((one, index) => one.resolve(this.#answer(one, replies[index])));
    }
    this.#isAsking = false;
  }

  #answer({ portion, calls }: Asked, reply: BudgetReply | undefined): number | undefined {
    if (reply === undefined) return this.#takeAlone(portion, calls);
    this.#setUsed(portion, reply.used);
    if (reply.taken === undefined) return secondsFor(reply.used + calls - this.#limit.maximum, this.#limit.perMs);
    portion.left += reply.taken;
    return this.#spend(portion, calls);
  }

  /** Makes changes, once others know what was taken without them. */
  async #exchange(
    unreported: readonly Portion[],
    changes: readonly BudgetChange[],
  ): Promise<readonly (BudgetReply | undefined)[]> {
    const first = unreported.map((portion) => this.#reportOf(portion));
    const portions = [...unreported, ...changes.map(({ name }) => this.#portionNamed(name))];
    for (const portion of portions) {
      if (portion.exchanges === 0) portion.announced = 0;
      portion.exchanges += 1;
    }
    const replies = await this.#shared.exchange(this.#kind, this.#limit, [...first, ...changes]);
    for (const portion of portions) portion.exchanges -= 1;
    unreported.forEach((portion, index) => {
      const reply = replies[index];
      if (reply === undefined) return;
      this.#setUsed(portion, reply.used);
      portion.own = undefined;
    });
    return replies.slice(unreported.length);
  }

  #reportOf(portion: Portion): BudgetChange {
    const own = this.#ownShareOf(portion);
    return {
      name: portion.name,
      calls: Math.ceil(own.unreported),
      ahead: 0,
      isSpent: true,
      // The server may have lost what it had.
      knownUsed: this.#usedOf(portion),
    };
  }

  /** At the end of an interval: gives back what was not used of what was taken ahead, and takes ahead for the next one. */
  async #reconcile(): Promise<void> {
    const active = [...this.#active];
    if (!this.#shared.answers()) {
      // The calls they took are reported later.
      for (const portion of active) this.#activate(portion);
      return;
    }
    this.#active.clear();
    const changed = active.filter((portion) => portion.left !== 0 || portion.spent > 0);
    const changes = changed.map((portion) => {
      portion.ahead = portion.spent;
      portion.spent = 0;
      // Not spent while it is on its way back.
      const calls = portion.left < 0 ? -portion.left : -Math.max(0, portion.left - portion.ahead);
      portion.left += calls;
      portion.used += calls;
      return { name: portion.name, calls, ahead: Math.max(0, portion.ahead - portion.left), isSpent: true };
    });
    const unreported = active.filter(({ own }) => own !== undefined);
    if (changes.length + unreported.length === 0) return;
    const replies = await this.#exchange(unreported, changes);
    changed.forEach((portion, index) => {
      const reply = replies[index];
      if (reply?.taken === undefined) return;
      this.#setUsed(portion, reply.used);
      portion.left += reply.taken - (changes[index]?.calls ?? 0);
      if (portion.left !== 0) this.#activate(portion);
    });
  }

  #ownShareOf(portion: Portion): OwnShare {
    const { maximum, perMs } = this.#limit;
    const replicas = this.#shared.replicas();
    const nowMs = this.#now();
    const used = Math.min(maximum, this.#usedOf(portion) - Math.max(0, portion.left)) / replicas;
    const own = (portion.own ??= { used, unreported: 0, atMs: nowMs });
    const restored = ((nowMs - own.atMs) * perMs) / replicas;
    own.used = Math.max(0, own.used - restored);
    own.unreported = Math.max(0, own.unreported - restored);
    own.atMs = nowMs;
    return own;
  }

  /** Takes from this replica's share. What costs more than the whole share is let in when all of it is there. */
  #takeAlone(portion: Portion, calls: number): number | undefined {
    const replicas = this.#shared.replicas();
    const own = this.#ownShareOf(portion);
    const missing = own.used - Math.max(0, this.#limit.maximum / replicas - calls);
    if (missing > 0) return secondsFor(missing, this.#limit.perMs / replicas);
    this.#correctAlone(own, calls);
    this.#activate(portion);
    return undefined;
  }

  #correctAlone(own: OwnShare, calls: number): void {
    own.used = Math.max(0, own.used + calls);
    own.unreported = Math.max(0, own.unreported + calls);
  }
}

/** Budgets of all replicas; of this process where it stands alone. */
export function createBudgets(callsPerMinute: number, kind: string, shared: SharedBudgets | undefined): CallBudgets {
  return shared === undefined ? new Budgets(callsPerMinute) : new ReplicaBudgets(callsPerMinute, { kind, shared });
}
