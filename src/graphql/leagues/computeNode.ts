import { builder } from '../builder.ts';
import { formatOptionalId } from '../shared/ids.ts';
import { openEnum, openEnumFields } from '../shared/enums.ts';
import { connectionOf } from '../shared/page.ts';
import {
  deployTypes,
  haModes,
  nodeStatuses,
  nodeTypes,
  type ComputeNode as ComputeNodeShape,
} from '../../tics/leagues/computeNode.ts';

export const ComputeNodeType = openEnum('ComputeNodeType', 'Kind of a node.', nodeTypes);
export const ComputeNodeStatus = openEnum('ComputeNodeStatus', 'State of a node; agents are nodes.', nodeStatuses);
export const DeployType = openEnum('DeployType', 'What a node is deployed on; agents are nodes.', deployTypes);
const HighAvailabilityMode = openEnum('HighAvailabilityMode', 'Role of a node in a high-availability pair.', haModes);

export const ComputeNode = builder.objectRef<ComputeNodeShape>('ComputeNode').implement({
  description: 'A machine of a league: an agent, an aggregator, a manager of aggregators or the control node.',
  fields: (t) => ({
    ticsId: t.exposeString('ticsId', { description: 'The raw id that the service uses.' }),
    agentId: t.id({
      description: 'Id of the agent; null for other nodes.',
      resolve: ({ type, ticsId }) => (type.value === 'AGENT' ? formatOptionalId('Agent', ticsId) : null),
    }),
    name: t.exposeString('name', { description: 'Name of the node, of some nodes an address.' }),
    ...openEnumFields(t, 'type', ComputeNodeType, 'Kind of the node.'),
    ...openEnumFields(t, 'status', ComputeNodeStatus, 'State of the node.'),
    ...openEnumFields(t, 'deployType', DeployType, 'What the node is deployed on.'),
    highAvailabilityMode: t.field({
      type: HighAvailabilityMode,
      description: 'Its role in a high-availability pair; null when it has no standby.',
      resolve: ({ haMode }) => haMode?.value,
    }),
    highAvailabilityModeText: t.string({
      description: 'The raw value of `highAvailabilityMode`.',
      resolve: ({ haMode }) => haMode?.text,
    }),
    partnerAlias: t.exposeString('partnerAlias', {
      description: 'Alias of the partner that the node belongs to; null for nodes of the league itself.',
    }),
    createdAt: t.expose('createdAt', { type: 'DateTime', description: 'When the node was created.' }),
    updatedAt: t.expose('updatedAt', { type: 'DateTime', description: 'When the node last changed.' }),
  }),
});

export const ComputeNodeConnection = connectionOf('ComputeNode', ComputeNode, 'nodes of a league');
