import { GatewayError } from '../../errors.ts';
import type { Form, UploadedFile } from '../../upstream/form.ts';
import type { components } from '../../upstream/generated/agent.d.ts';
import type { Planes } from '../planes/planes.ts';
import { writeJson } from '../../upstream/json.ts';
import { isSecretName, withoutSecrets } from '../../upstream/secrets.ts';
import { flag, record, text } from '../../upstream/wire.ts';
import {
  toConnector,
  type Connector,
  type ConnectorSettings,
  type connectorAuthTypes,
  type connectorTypes,
} from './loaders.ts';

type Schemas = components['schemas'];

/** Settings of a connector to write: the readable ones, and the password. */
export type DraftSettings = { readonly password?: string | null | undefined } & {
  readonly [Name in Exclude<keyof ConnectorSettings, 'authType'>]?: ConnectorSettings[Name] | undefined;
};

/** A connector to create, or the new state of one. */
export interface ConnectorDraft {
  readonly name: string;
  readonly type: Exclude<keyof typeof connectorTypes, 'LOCAL'>;
  readonly authType: keyof typeof connectorAuthTypes;
  readonly settings: DraftSettings;
  /** Settings by their wire names. */
  readonly furtherSettings: Readonly<Record<string, string>>;
  readonly driver: UploadedFile | undefined;
}

/** The names of the settings in `ext_info`. */
const wireNames: Readonly<Record<keyof DraftSettings, string>> = {
  userName: 'user_name',
  password: 'password',
  masterNodeIp: 'master_node_ip',
  clusterTicsId: 'cluster_id',
  rdsInstanceTicsId: 'rds',
  dwsClusterTicsId: 'dws',
  jdbcUrl: 'jdbc_url',
  jdbcProperties: 'properties',
  driverName: 'driver_name',
  databaseName: 'database_name',
  databaseIp: 'database_ip',
  databasePort: 'database_port',
};

/** Wire names of settings that have a field of their own. */
export const namedSettings: ReadonlySet<string> = new Set(Object.values(wireNames));

const settingNames = Object.keys(wireNames) as (keyof DraftSettings)[];

/** All settings as the service expects them: texts, also for ports. */
function toExtInfo({ settings, furtherSettings }: ConnectorDraft): Readonly<Record<string, string>> {
  return {
    ...Object.fromEntries(
      settingNames.flatMap((name) => {
        const value = text(settings[name]);
        return value === null ? [] : [[wireNames[name], value]];
      }),
    ),
    ...furtherSettings,
  };
}

/** `ext_info` is JSON in a string, inside a JSON document that is the text of one part. `auth_type` is beside it for all types. */
function toForm(draft: ConnectorDraft, connectorId: string | undefined): Form {
  const document: Schemas['ConnectorInput'] = {
    name: draft.name,
    connector_type: draft.type,
    auth_type: draft.authType,
    ext_info: JSON.stringify(toExtInfo(draft)),
    ...(connectorId !== undefined && { connector_id: connectorId }),
  };
  return { texts: { data_connector: writeJson(document) }, file: draft.driver };
}

/** Drops the service's message when it contains a secret of the draft. */
function withoutSecretsOf(draft: ConnectorDraft, error: unknown): unknown {
  if (!(error instanceof GatewayError)) return error;
  const secrets = Object.entries(toExtInfo(draft)).flatMap(([name, value]) =>
    isSecretName(name) && value !== '' ? [value] : [],
  );
  const tellsOne = secrets.some((secret) => error.message.includes(secret));
  const message = tellsOne
    ? 'The service refused the connector. What it says repeats a secret and is left out.'
    : String(withoutSecrets(error.message));
  return message === error.message ? error : new GatewayError(error.code, message, error.details);
}

/** True when a connector has all settings of a draft. The password cannot be read. */
export function isAsDrafted(connector: Connector, { name, type, settings }: ConnectorDraft): boolean {
  return (
    connector.name === name &&
    connector.type.value === type &&
    settingNames.every((setting) => {
      const wanted = settings[setting];
      if (setting === 'password' || wanted === null || wanted === undefined || wanted === '') return true;
      return connector.settings[setting] === (typeof wanted === 'string' ? withoutSecrets(wanted) : wanted);
    })
  );
}

/** Changes connectors. */
export function createConnectorWrites(planes: Planes) {
  const send = async (
    call: 'saveConnector' | 'testConnector',
    agentId: string,
    draft: ConnectorDraft,
    connectorId: string | undefined,
  ) => {
    const agent = await planes.agent(agentId);
    try {
      return await agent.write(call, { form: toForm(draft, connectorId) });
    } catch (error) {
      throw withoutSecretsOf(draft, error);
    }
  };

  return {
    /** `POST /v1/agents/connectors` (7.3.1): creates a connector, or changes the one that is named. Answers it where the service does. */
    save: async (agentId: string, draft: ConnectorDraft, connectorId?: string): Promise<Connector | null> => {
      const answer: Schemas['SavedConnector'] = record(await send('saveConnector', agentId, draft, connectorId));
      const { connector_id: id, ...saved } = answer;
      return text(id) ? toConnector(agentId, { ...saved, id: text(id) }) : null;
    },

    /** `POST /v1/agents/connectors/test` (7.3.3): true when the settings work; null where the service does not say. */
    test: async (agentId: string, draft: ConnectorDraft, connectorId?: string): Promise<boolean | null> =>
      flag(await send('testConnector', agentId, draft, connectorId)),

    /** `DELETE /v1/agents/connectors/{id}` (7.3.4). */
    remove: async (agentId: string, connectorId: string): Promise<void> => {
      const agent = await planes.agent(agentId);
      await agent.write('deleteConnector', { path: { connector_id: connectorId } });
    },
  };
}
