import type { FieldCall } from '../calls.ts';

function agentCalls(one: Pick<FieldCall, 'per' | 'onlyWhen'>, several: string): readonly FieldCall[] {
  return [
    { call: 'getAgentDeployment', ...one },
    { call: 'listAgents', per: 'operation', paged: true, onlyWhen: several },
  ];
}

/** What `agent` costs: one agent has a call of its own, several are read by their list. */
export const agentById = agentCalls({ per: 'object' }, 'where several are asked for');

/** What an agent costs that another object leads to. */
export const agentOfObject = agentCalls(
  { per: 'agent', onlyWhen: 'where the agent was not read yet' },
  'where several were not',
);

/** What an agent's own call leaves out. */
export const permissionCalls: readonly FieldCall[] = [
  { call: 'listAgents', per: 'operation', paged: true, onlyWhen: 'where the agent was not read from a list' },
];
