import { builder } from '../builder.ts';
import { openEnum, openEnumFields } from '../shared/enums.ts';
import { formatId } from '../shared/ids.ts';
import { findNodesOf, Node } from '../shared/node.ts';
import { connect, connectionOf, pageArguments } from '../shared/page.ts';
import { reportAt } from '../shared/partialErrors.ts';
import { agentOfObject } from '../agents/calls.ts';
import { connectorSearch } from './calls.ts';
import { Agent } from '../agents/type.ts';
import {
  connectorAuthTypes,
  connectorStatuses,
  connectorTypes,
  type Connector as ConnectorShape,
  type ConnectorSettings as ConnectorSettingsShape,
} from '../../tics/connectors/loaders.ts';

export const ConnectorType = openEnum('ConnectorType', 'What a connector reaches.', connectorTypes);
const ConnectorStatus = openEnum('ConnectorStatus', 'State of a connector.', connectorStatuses);
export const ConnectorAuthType = openEnum('ConnectorAuthType', 'How a connector signs in.', connectorAuthTypes);

const ConnectorSettings = builder.objectRef<ConnectorSettingsShape>('ConnectorSettings').implement({
  description:
    'What a connector was configured with; which of these are set depends on its type. Passwords and keys are never shown.',
  fields: (t) => ({
    ...openEnumFields(
      t,
      'authType',
      ConnectorAuthType,
      'How the connector signs in; UNKNOWN where its settings do not tell.',
    ),
    userName: t.exposeString('userName', { description: 'Account that the connector signs in with.' }),
    masterNodeIp: t.exposeString('masterNodeIp', { description: 'MRS: address of the cluster’s master node.' }),
    clusterTicsId: t.exposeString('clusterTicsId', { description: 'MRS: id of the cluster.' }),
    rdsInstanceTicsId: t.exposeString('rdsInstanceTicsId', { description: 'RDS_MYSQL: id of the RDS instance.' }),
    dwsClusterTicsId: t.exposeString('dwsClusterTicsId', { description: 'DWS: id of the data warehouse’s cluster.' }),
    jdbcUrl: t.exposeString('jdbcUrl', { description: 'RDS_MYSQL, DWS, MYSQL, JDBC: the JDBC address.' }),
    jdbcProperties: t.exposeString('jdbcProperties', {
      description: 'RDS_MYSQL, DWS, MYSQL, JDBC: further properties of the connection; may be empty.',
    }),
    driverName: t.exposeString('driverName', {
      description: 'RDS_MYSQL, DWS, MYSQL, JDBC: file name of the JDBC driver.',
    }),
    databaseName: t.exposeString('databaseName', { description: 'ORACLE: name of the database.' }),
    databaseIp: t.exposeString('databaseIp', { description: 'ORACLE: address of the database’s host.' }),
    databasePort: t.exposeInt('databasePort', { description: 'ORACLE: port of the database.' }),
  }),
});

export const Connector = builder.objectRef<ConnectorShape>('Connector').implement({
  description: 'A connector (连接器): how an agent reaches the data that its datasets are made of.',
  interfaces: [Node],
  fields: (t) => ({
    id: t.id({
      nullable: false,
      description: '`Connector:<agent>/<connector>`.',
      resolve: ({ agentId, ticsId }) => formatId('Connector', agentId, ticsId),
    }),
    ticsId: t.exposeString('ticsId', { nullable: false, description: 'The raw id that the service uses.' }),
    name: t.exposeString('name', { description: 'Name of the connector.' }),
    ...openEnumFields(t, 'type', ConnectorType, 'What the connector reaches.'),
    ...openEnumFields(t, 'status', ConnectorStatus, 'State of the connector.'),
    createdAt: t.expose('createdAt', { type: 'DateTime', description: 'When the connector was created.' }),
    settings: t.expose('settings', {
      type: ConnectorSettings,
      description: 'What the connector was configured with, without passwords and keys.',
    }),
    settingsText: t.exposeString('settingsText', {
      description:
        'All settings as a JSON text, without passwords and keys; null where they can’t be separated from the rest.',
    }),
    agentId: t.id({
      resolve: ({ agentId }) => formatId('Agent', agentId),
      nullable: false,
      description: 'Id of the agent that has the connector.',
    }),
    agent: t.field({
      type: Agent,
      calls: agentOfObject,
      description: 'The agent that has the connector.',
      resolve: ({ agentId }, _, { loaders }) => loaders.agents.byId(agentId),
    }),
  }),
});

findNodesOf('Connector', connectorSearch, ([agentId = '', connectorId = ''], { loaders }) =>
  loaders.connectors.byId(agentId, connectorId),
);

const ConnectorConnection = connectionOf('Connector', Connector, 'connectors');

builder.objectFields(Agent, (t) => ({
  connectors: t.field({
    type: ConnectorConnection,
    calls: [{ call: 'listConnectors', per: 'page100', isNumbered: true }],
    description: 'Connectors of the agent.',
    args: {
      type: t.arg({ type: ConnectorType.asInput(), description: 'Only connectors of this type.' }),
      ...pageArguments,
    },
    resolve: ({ ticsId }, { type, ...page }, { loaders, report }, info) =>
      connect(page, loaders.connectors.list(ticsId, type ?? undefined), reportAt(report, info)),
  }),
}));
