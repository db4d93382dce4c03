import type { SharedBudgets } from './budgets.ts';
import type { SharedFigures, SharedHealth } from './health.ts';
import type { SharedKeys } from './keys.ts';
import type { SharedProbes } from './probes.ts';
import type { SharedSignIns } from './signIns.ts';
import type { SharedWatches } from './watches.ts';
import type { SharedWrites } from './writes.ts';

/** What replicas share. Without it a process stands alone. */
export interface Shared {
  readonly signIns: SharedSignIns;
  readonly budgets: SharedBudgets;
  readonly keys: SharedKeys;
  readonly watches: SharedWatches;
  readonly writes: SharedWrites;
  readonly probes: SharedProbes;
  /** Claims what one replica may have only. False while another one has it; true where nobody can tell. */
  readonly claim: (what: string) => Promise<boolean>;
  readonly health: () => SharedHealth;
  readonly figures: () => SharedFigures;
  readonly close: () => Promise<void>;
}
