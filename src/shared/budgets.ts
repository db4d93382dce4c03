/** What a budget may hold, in calls, and how fast it refills. */
export interface BudgetLimit {
  readonly maximum: number;
  readonly perMs: number;
}

/** A change of one budget. */
export interface BudgetChange {
  /** Tells budgets of one kind apart; see {@link SharedBudgets.nameOf}. */
  readonly name: string;
  /** Taken together, or not at all. Below 0: given back. */
  readonly calls: number;
  /** Taken besides, as far as so many are left: a portion for what comes next. */
  readonly ahead: number;
  /** They are spent already: the budget is overdrawn where they are not there. */
  readonly isSpent?: boolean;
  /** Used calls that this replica knows of, for a server that has lost what it kept. */
  readonly knownUsed?: number;
}

/** What came of a change. */
export interface BudgetReply {
  /** Undefined where they were not there: nothing was taken then. */
  readonly taken: number | undefined;
  /** Used calls of all replicas, with what they took ahead. */
  readonly used: number;
}

/** Budgets of all replicas: leaky buckets, by kind and name. */
export interface SharedBudgets {
  /** What a caller's budget is kept under: nobody is named there. */
  readonly nameOf: (caller: string) => string;
  /** Makes changes, in one step. A reply is undefined where nobody can tell: this replica is on its own then. */
  readonly exchange: (
    kind: string,
    limit: BudgetLimit,
    changes: readonly BudgetChange[],
  ) => Promise<readonly (BudgetReply | undefined)[]>;
  /** Calls back for budgets that another replica found used up, until the returned function is called. */
  readonly onUsedUp: (kind: string, listener: (name: string, used: number) => void) => () => void;
  /** False while each replica is on its own. */
  readonly answers: () => boolean;
  /** How many take their shares then. */
  readonly replicas: () => number;
}
