import type { Instance, InstanceStatus } from './instance.ts';
import { isTerminal } from './enums.ts';

/** Whether a run has not ended, as its row tells. */
export function isUnderWay({ run }: Instance): boolean {
  return run !== null && !isTerminal(run.status);
}

/** Whether a run in this state can still be stopped. */
export function isStoppable(status: InstanceStatus): boolean {
  return !isTerminal(status) && status.value !== 'TERMINATING';
}
