/** Capacity of a budget in calls, and how fast it refills. */
export interface BudgetLimit {
  readonly maximum: number;
  readonly perMs: number;
}

/** A change of one budget. */
export interface BudgetChange {
  /** Identifies a budget within its kind; see {@link SharedBudgets.nameOf}. */
  readonly name: string;
  /** Calls to take, all or none. Below 0: returned. */
  readonly calls: number;
  /** Calls to take ahead for later operations, as many as are left. */
  readonly ahead: number;
  /** The calls are spent already: they are taken even if the budget is overdrawn. */
  readonly isSpent?: boolean;
  /** Used calls known to this replica, in case the store has lost its data. */
  readonly knownUsed?: number;
}

/** The result of a change. */
export interface BudgetReply {
  /** Undefined when too few calls were left: none was taken. */
  readonly taken: number | undefined;
  /** Used calls of all replicas, calls taken ahead included. */
  readonly used: number;
}

/** Budgets of all replicas: leaky buckets, by kind and name. */
export interface SharedBudgets {
  /** The stored name of a caller's budget, which does not reveal the caller. */
  readonly nameOf: (caller: string) => string;
  /** Makes changes atomically. Undefined while the store is unreachable: this replica is on its own then. */
  readonly exchange: (
    kind: string,
    limit: BudgetLimit,
    changes: readonly BudgetChange[],
  ) => Promise<readonly (BudgetReply | undefined)[]>;
  /** Calls back for budgets that another replica has used up, until the returned function is called. */
  readonly onUsedUp: (kind: string, listener: (name: string, used: number) => void) => () => void;
  /** False while each replica is on its own. */
  readonly answers: () => boolean;
  /** The number of replicas among which budgets are divided then. */
  readonly replicas: () => number;
}
