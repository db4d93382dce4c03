import type { Stage } from './gateway.ts';

/** How many calls of one operation the embedded TICS has received since the test began. */
export async function countCalls({ sandbox }: Stage, operationId: string): Promise<number> {
  return (await sandbox.client.countCalls())[operationId] ?? 0;
}
