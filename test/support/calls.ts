import type { Stage } from './gateway.ts';

/** Counts the calls of one operation that the embedded TICS has received since the test began. */
export async function countCalls({ sandbox }: Stage, operationId: string): Promise<number> {
  return (await sandbox.client.countCalls())[operationId] ?? 0;
}
