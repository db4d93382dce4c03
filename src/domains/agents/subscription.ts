import { builder } from '../../builder.ts';
import { parseId } from '../../graph/ids.ts';
import { found } from '../../graph/node.ts';
import { addStatusFields, afterDescription } from '../../graph/statusChange.ts';
import type { AgentState, StatusEvent } from '../../status/watches.ts';
import { AgentStatus } from './deployment.ts';
import { Agent } from './type.ts';
import { agentStatus } from './wordSource.ts';

const AgentStatusChange = builder.objectRef<StatusEvent<AgentState>>('AgentStatusChange').implement({
  description: 'The state of an agent as it was seen: the present one at first, then each change, of its trust too.',
  fields: (t) => ({
    status: t.field({
      type: AgentStatus,
      nullable: false,
      description: 'Its state.',
      resolve: ({ state }) => agentStatus(state.status).word,
    }),
    previousStatus: t.field({
      type: AgentStatus,
      description: 'The state that was told before; null in the first event.',
      resolve: ({ previousStatus }) => (previousStatus === null ? null : agentStatus(previousStatus).word),
    }),
    agent: t.field({
      type: Agent,
      description:
        'The agent, read for this event. Costs one call for all who are told of it at once: `getAgentDeployment`.',
      resolve: ({ state }, _, { sources }) => found(sources.agents.byId(state.agentId)),
    }),
  }),
});
addStatusFields(AgentStatusChange);

builder.subscriptionFields((t) => ({
  agentStatus: t.field({
    type: AgentStatusChange,
    nullable: false,
    description:
      'An agent: its present state at once, then each change. It goes on until it is ended. Costs one call in an interval, however many watch: `getAgentRuntime`; where the agent does not answer, the space plane tells whether it is offline: `getAgentDeployment` and `listLeagueNodes`.',
    args: {
      id: t.arg.id({ required: true, description: '`Agent:<id>`, or the bare id.' }),
      after: t.arg.string({ description: afterDescription }),
    },
    subscribe: (_, { id, after }, { watches, right, operation: { deadline } }) =>
      watches.agent(right, parseId('Agent', id)[0], { after: after ?? null, signal: deadline.signal }),
    resolve: (event) => event,
  }),
}));
