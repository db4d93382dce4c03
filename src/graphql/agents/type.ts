import { builder } from '../builder.ts';
import { openEnum, openEnumFields } from '../shared/enums.ts';
import { formatId, formatOptionalId, parseId } from '../shared/ids.ts';
import { findNodesOf, found, Node } from '../shared/node.ts';
import { connect, connectionOf, connectRows, pageArguments } from '../shared/page.ts';
import { reportAt } from '../shared/partialErrors.ts';
import { DeployType } from '../leagues/computeNode.ts';
import { leagueOfObject } from '../leagues/calls.ts';
import { League } from '../leagues/type.ts';
import { agentById, permissionCalls } from './calls.ts';
import { AgentDeployment, AgentRuntime } from './deployment.ts';
import { deployStatuses, type Agent as AgentShape } from '../../tics/agents/loaders.ts';

export const DeployStatus = openEnum('DeployStatus', 'State of an agent’s deployment.', deployStatuses);

export const Agent = builder.objectRef<AgentShape>('Agent').implement({
  description:
    'An agent (可信计算节点): the node through which one company takes part in a league, and which alone sees its data.',
  interfaces: [Node],
  fields: (t) => ({
    id: t.id({ nullable: false, description: '`Agent:<agent>`.', resolve: ({ ticsId }) => formatId('Agent', ticsId) }),
    ticsId: t.exposeString('ticsId', { nullable: false, description: 'The raw id that the service uses.' }),
    name: t.exposeString('name', { description: 'Name of the agent.' }),
    ...openEnumFields(t, 'deployStatus', DeployStatus, 'State of the deployment.'),
    ...openEnumFields(t, 'deployType', DeployType, 'What the agent is deployed on.'),
    deploymentEvent: t.exposeString('deploymentEvent', {
      description: 'The latest event of the deployment, in the service’s words.',
    }),
    version: t.exposeString('version', { description: 'Version of the image that the agent runs.' }),
    highAvailability: t.exposeBoolean('highAvailability', {
      description: 'Whether a standby takes over where the agent fails.',
    }),
    createdAt: t.expose('createdAt', { type: 'DateTime', description: 'When the agent was created.' }),
    creatorName: t.exposeString('creatorName', { description: 'Name of the user who created it.' }),
    creatorAccountTicsId: t.exposeString('creatorDomainId', { description: 'Id of the account that created it.' }),
    deletable: t.boolean({
      calls: permissionCalls,
      description: 'Whether the agent may be deleted now.',
      resolve: async (agent, _, { loaders }) => (await loaders.agents.permissions(agent))?.deletable,
    }),
    upgradable: t.boolean({
      calls: permissionCalls,
      description: 'Whether the agent may be upgraded now.',
      resolve: async (agent, _, { loaders }) => (await loaders.agents.permissions(agent))?.upgradable,
    }),
    leagueId: t.id({
      resolve: ({ leagueId }) => formatOptionalId('League', leagueId),
      description: 'Id of the league that the agent is in.',
    }),
    leagueName: t.exposeString('leagueName', { description: 'Name of that league.' }),
    leagueVersion: t.exposeString('leagueVersion', { description: 'Version of that league’s software.' }),
    league: t.field({
      type: League,
      calls: leagueOfObject,
      description: 'The league that the agent is in.',
      resolve: ({ leagueId }, _, { loaders }) => (leagueId ? loaders.leagues.byId(leagueId) : null),
    }),
    deployment: t.field({
      type: AgentDeployment,
      calls: [{ call: 'getAgentDeployment', per: 'agent' }],
      description: 'How the agent is deployed.',
      resolve: ({ ticsId }, _, { loaders }) => loaders.agents.deployment(ticsId),
    }),
    runtime: t.field({
      type: AgentRuntime,
      calls: [{ call: 'getAgentRuntime', per: 'agent' }],
      description: 'What the agent says of itself.',
      resolve: ({ ticsId }, _, { loaders }) => loaders.agents.runtime(ticsId),
    }),
  }),
});

findNodesOf('Agent', agentById, ([agentId = ''], { loaders }) => loaders.agents.byId(agentId));

export const AgentConnection = connectionOf('Agent', Agent, 'agents');

const AgentFilter = builder.inputType('AgentFilter', {
  description: 'Narrows a list of agents. The service compares fuzzily: similar names are listed too.',
  fields: (t) => ({
    name: t.string({ description: 'Only agents whose names resemble this one.' }),
    leagueName: t.string({ description: 'Only agents of leagues whose names resemble this one.' }),
  }),
});

builder.queryFields((t) => ({
  agent: t.field({
    type: Agent,
    calls: agentById,
    description: 'An agent, by its id.',
    args: { id: t.arg.id({ required: true, description: '`Agent:<agent>`, or the raw TICS id.' }) },
    resolve: (_, { id }, { loaders }) => found(loaders.agents.byId(parseId('Agent', id)[0])),
  }),
  agents: t.field({
    type: AgentConnection,
    calls: [{ call: 'listAgents', per: 'page100' }],
    description: 'Agents of the account, in all its leagues.',
    args: { filter: t.arg({ type: AgentFilter, description: 'Which agents.' }), ...pageArguments },
    resolve: (_, { filter, ...page }, { loaders, report }, info) =>
      connect(page, loaders.agents.list(filter ?? {}), reportAt(report, info)),
  }),
}));

builder.objectFields(League, (t) => ({
  agents: t.field({
    type: AgentConnection,
    calls: [{ call: 'listAgents', per: 'operation', paged: true }],
    description: 'The account’s agents in the league.',
    args: { ...pageArguments },
    resolve: async (league, page, { loaders, report }, info) =>
      connectRows(page, await loaders.agents.ofLeague(league), reportAt(report, info)),
  }),
}));
