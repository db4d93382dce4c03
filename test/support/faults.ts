import type { Stage } from './gateway.ts';

/** Both ways in which the connection of a write breaks off: before the service has carried it out, and after. */
export const breakPoints = ['before', 'midAnswer'] as const;

/** Resets the connection of each further call of one operation. */
export function resetCall({ sandbox }: Stage, operationId: string, at: (typeof breakPoints)[number]): Promise<void> {
  return sandbox.client.setRules([{ operationId, fault: { kind: 'reset', at } }]);
}

/** Refuses each further call of one operation, in the agents' form. */
export function refuseCall({ sandbox }: Stage, operationId: string, status: number, message: string): Promise<void> {
  return sandbox.client.setRules([
    { operationId, fault: { kind: 'status', status, body: { error_code: 'TICS_AGENT.1', error_msg: message } } },
  ]);
}
