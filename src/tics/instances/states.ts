import type { Instance, InstanceStatus } from './instance.ts';
import { isTerminal } from './enums.ts';

/** True when the row's state is not final. */
export function isUnderWay({ run }: Instance): boolean {
  return run !== null && !isTerminal(run.status);
}

/** True when a run in this state can be stopped. */
export function isStoppable(status: InstanceStatus): boolean {
  return !isTerminal(status) && status.value !== 'TERMINATING';
}
