import type { SharedBudgets } from './budgets.ts';
import type { SharedFigures, SharedHealth } from './health.ts';
import type { SharedKeys } from './keys.ts';
import type { SharedProbes } from './probes.ts';
import type { SharedSignIns } from './signIns.ts';
import type { SharedWatches } from './watches.ts';
import type { SharedWrites } from './writes.ts';

/** State shared by replicas. A single process has none. */
export interface Shared {
  readonly signIns: SharedSignIns;
  readonly budgets: SharedBudgets;
  readonly keys: SharedKeys;
  readonly watches: SharedWatches;
  readonly writes: SharedWrites;
  readonly probes: SharedProbes;
  /** Claims a name for one replica. False while another one holds it; true while the store is unreachable. */
  readonly claim: (what: string) => Promise<boolean>;
  readonly health: () => SharedHealth;
  readonly figures: () => SharedFigures;
  readonly close: () => Promise<void>;
}
