import type { Instance, InstanceStatus } from './source.ts';

const terminal: readonly string[] = ['SUCCEEDED', 'FAILED', 'TERMINATED'];

/** Whether a run in this state has ended; a state that nobody knows has not. */
export const isTerminal = ({ word }: InstanceStatus): boolean => terminal.includes(word);

/** Whether a run has not ended, as its row tells. */
export const isUnderWay = ({ run }: Instance): boolean => run !== null && !isTerminal(run.status);

/** Whether a run in this state can still be stopped. */
export const isStoppable = (status: InstanceStatus): boolean => !isTerminal(status) && status.word !== 'TERMINATING';
