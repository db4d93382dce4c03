import type { components } from '../../upstream/generated/agent.d.ts';
import { memo } from '../../upstream/memo.ts';
import { byPageNumber, findRow, readObjects, type Page, type ReadPage } from '../pages.ts';
import type { Planes } from '../planes/planes.ts';
import { instant, integer, jsonText, record, text } from '../../upstream/wire.ts';
import { openEnumReader, type OpenEnum } from '../../upstream/openEnum.ts';
import { namesSecrets, withoutSecrets } from '../../upstream/secrets.ts';

type Schemas = components['schemas'];

/** Data sources that connectors reach. */
export const connectorTypes = {
  LOCAL: 'Files of the agent itself, for federated learning. Every agent has it; it is not created.',
  MRS: 'A cluster of the MapReduce service (Hive).',
  RDS_MYSQL: 'A MySQL database of the cloud’s relational database service.',
  DWS: 'A data warehouse (GaussDB).',
  JDBC: 'A database, by its JDBC driver.',
  MYSQL: 'A MySQL database.',
  ORACLE: 'An Oracle database.',
} as const;

/** States of a connector. */
export const connectorStatuses = {
  STARTING: 'Being set up.',
  NORMAL: 'It works.',
  ABNORMAL: 'It does not work.',
} as const;

/** Ways in which connectors sign in. */
export const connectorAuthTypes = {
  PWD: 'By name and password.',
  AK_SK: 'By access key and secret key.',
} as const;

const connectorType = openEnumReader(connectorTypes);
const connectorStatus = openEnumReader(connectorStatuses);
const connectorAuthType = openEnumReader(connectorAuthTypes);

/** Settings of a connector, without credentials. */
export interface ConnectorSettings {
  readonly authType: OpenEnum<typeof connectorAuthTypes>;
  readonly userName: string | null;
  readonly masterNodeIp: string | null;
  readonly clusterTicsId: string | null;
  readonly rdsInstanceTicsId: string | null;
  readonly dwsClusterTicsId: string | null;
  readonly jdbcUrl: string | null;
  readonly jdbcProperties: string | null;
  readonly driverName: string | null;
  readonly databaseName: string | null;
  readonly databaseIp: string | null;
  readonly databasePort: number | null;
}

/** A connector of an agent to a data source. */
export interface Connector {
  readonly __typename: 'Connector';
  readonly agentId: string;
  readonly ticsId: string;
  readonly name: string | null;
  readonly type: OpenEnum<typeof connectorTypes>;
  readonly status: OpenEnum<typeof connectorStatuses>;
  readonly createdAt: string | null;
  readonly settings: ConnectorSettings;
  readonly settingsText: string | null;
}

/**
 * `ext_info`: a JSON document, as a string or as an object. Other text is shown unless it names a secret. `auth_type` is inside it
 * or beside it.
 */
function toSettings({
  ext_info: raw,
  auth_type: authType,
}: Schemas['ConnectorRow']): Pick<Connector, 'settings' | 'settingsText'> {
  const { text: written, value } = jsonText(raw);
  const open = withoutSecrets(value);
  const fields = record(open);
  const unread = written === null || namesSecrets(written) ? null : written;
  return {
    settings: {
      authType: connectorAuthType(authType ?? fields['auth_type']),
      userName: text(fields['user_name']),
      masterNodeIp: text(fields['master_node_ip']),
      clusterTicsId: text(fields['cluster_id']),
      rdsInstanceTicsId: text(fields['rds']),
      dwsClusterTicsId: text(fields['dws']),
      jdbcUrl: text(fields['jdbc_url']),
      jdbcProperties: text(fields['properties']),
      driverName: text(fields['driver_name']),
      databaseName: text(fields['database_name']),
      databaseIp: text(fields['database_ip']),
      databasePort: integer(fields['database_port']),
    },
    settingsText: open === undefined ? unread : JSON.stringify(open),
  };
}

/** Reads a connector from a list row or from the answer to a write. */
export function toConnector(agentId: string, wire: Schemas['ConnectorRow']): Connector {
  return {
    __typename: 'Connector',
    agentId,
    ticsId: text(wire.id) ?? '',
    name: text(wire.name),
    type: connectorType(wire.connector_type),
    // Two names for one state; either can be missing.
    status: connectorStatus(wire.connector_status ?? wire.status),
    createdAt: instant(wire.create_time),
    ...toSettings(wire),
  };
}

/** Reads connectors. */
export function createConnectorLoaders(planes: Planes) {
  /** `GET /v1/agents/connectors` (7.3.2): offset is a page number. */
  const readPage = memo(
    async ({
      agentId,
      type,
      page,
      size,
    }: {
      agentId: string;
      type?: keyof typeof connectorTypes | undefined;
      page: number;
      size: number;
    }): Promise<Page<Connector>> => {
      const agent = await planes.agent(agentId);
      const answer = await agent.read('listConnectors', {
        query: { offset: page, limit: size, ...(type && { connector_query_type: type }) },
      });
      return readObjects('listConnectors', answer, (row) => toConnector(agentId, row));
    },
  );

  const list = (agentId: string, type?: keyof typeof connectorTypes): ReadPage<Connector> =>
    byPageNumber((page, size) => readPage({ agentId, type, page, size }));

  return {
    /** Connectors of an agent, of one type or of all. */
    list,
    /** The first connector of an agent that fits; null when none does. */
    find: async (agentId: string, fits: (connector: Connector) => boolean): Promise<Connector | null> =>
      (await findRow(list(agentId), fits)) ?? null,
    /** A connector by its id, from its agent's list: no call reads one alone. Null when there is none. */
    byId: async (agentId: string, connectorId: string): Promise<Connector | null> =>
      (await findRow(list(agentId), ({ ticsId }) => ticsId === connectorId)) ?? null,
  };
}
