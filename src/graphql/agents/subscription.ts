import { builder } from '../builder.ts';
import { formatId, parseId } from '../shared/ids.ts';
import { found } from '../shared/node.ts';
import { selects } from '../shared/selection.ts';
import { addStatusFields, afterDescription, startOf } from '../shared/statusChange.ts';
import type { AgentState, StatusEvent } from '../../status/types.ts';
import { agentById } from './calls.ts';
import { AgentStatus } from './deployment.ts';
import { Agent, DeployStatus } from './type.ts';
import { agentStatus } from '../../tics/agents/enums.ts';

const AgentStatusChange = builder.objectRef<StatusEvent<AgentState>>('AgentStatusChange').implement({
  description: 'The state of an agent as it was seen: the present one at first, then each change.',
  fields: (t) => ({
    status: t.field({
      type: AgentStatus,
      nullable: false,
      description: 'Its state.',
      resolve: ({ state }) => agentStatus(state.status).value,
    }),
    previousStatus: t.field({
      type: AgentStatus,
      description: 'The state of the event before; null in the first one.',
      resolve: ({ previousStatus }) => (previousStatus === null ? null : agentStatus(previousStatus).value),
    }),
    online: t.boolean({
      description: 'Whether the agent is connected to its league; null where `status` does not tell.',
      resolve: ({ state }) => state.online,
    }),
    trusted: t.boolean({
      description: 'Whether the agent and its league trust each other; null while it does not answer itself.',
      resolve: ({ state }) => state.trusted,
    }),
    trustError: t.string({
      description: 'Why trust could not be established; null where it was.',
      resolve: ({ state }) => state.trustError,
    }),
    deployStatus: t.field({
      type: DeployStatus,
      nullable: false,
      description: 'State of its deployment. Selecting it adds events for its changes; UNKNOWN while it can’t be read.',
      resolve: ({ state }) => state.deployStatus?.value ?? 'UNKNOWN',
    }),
    deployStatusText: t.string({
      description: 'The raw value of `deployStatus`.',
      resolve: ({ state }) => state.deployStatus?.text,
    }),
    agent: t.field({
      type: Agent,
      calls: agentById,
      description: 'The agent, read once for this event and shared by all its subscribers.',
      resolve: ({ state }, _, { loaders }) => found(loaders.agents.byId(state.agentId)),
    }),
  }),
});
addStatusFields(AgentStatusChange, ({ state }) => formatId('Agent', state.agentId));

/** What only the space plane tells: who asks for any of it is told of it. */
const whatIsDeployed = [
  'deployStatus',
  'deployStatusText',
  'agent.deployStatus',
  'agent.deployStatusText',
  'agent.deployment',
];

builder.subscriptionFields((t) => ({
  agentStatus: t.field({
    type: AgentStatusChange,
    nullable: false,
    calls: [
      { call: 'getAgentRuntime', per: 'object' },
      {
        call: 'getAgentDeployment',
        per: 'object',
        onlyWhen: 'for the deployment, and where the agent does not answer',
      },
      { call: 'listLeagueNodes', per: 'object', onlyWhen: 'where the agent does not answer' },
    ],
    description:
      'An agent: its present state at once, then each change of it and of its trust; and of its deployment for whoever asks for `deployStatus`, or for the `deployStatus` or `deployment` of the `agent`. It goes on until it is ended.',
    args: {
      id: t.arg.id({ required: true, description: '`Agent:<agent>`, or the raw TICS id.' }),
      after: t.arg.string({ description: afterDescription }),
    },
    subscribe: (_, { id, ...from }, context, info) =>
      context.watches.agent(
        context.scope,
        {
          agentId: parseId('Agent', id)[0],
          withDeployment: whatIsDeployed.some((path) => selects(info, path)),
        },
        startOf(from, context, info),
      ),
    resolve: (event) => event,
  }),
}));
