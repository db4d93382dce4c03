import type { Instance, InstanceStatus } from './loaders.ts';
import { isTerminal } from './enums.ts';

/** Whether a run has not ended, as its row tells. */
export const isUnderWay = ({ run }: Instance): boolean => run !== null && !isTerminal(run.status);

/** Whether a run in this state can still be stopped. */
export const isStoppable = (status: InstanceStatus): boolean => !isTerminal(status) && status.word !== 'TERMINATING';
