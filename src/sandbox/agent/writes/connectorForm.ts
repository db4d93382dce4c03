import type { UploadedFile } from '../../contract/handler.ts';
import type { SandboxRequest } from '../../contract/handler.ts';
import type { ConnectorAuthType, ConnectorType } from '../../model/world.ts';
import { agentError } from './caller.ts';

/** The two parts of a connector request, parsed. */
export interface ConnectorForm {
  readonly connectorId: string | undefined;
  readonly name: string;
  readonly type: ConnectorType;
  readonly authType: ConnectorAuthType;
  /** All of `ext_info`, passwords included. */
  readonly settings: Readonly<Record<string, string>>;
  readonly driver: UploadedFile | undefined;
}

/** Settings that each type requires. LOCAL is missing: each agent has its one connector already. */
const requiredSettings: Readonly<Partial<Record<ConnectorType, readonly string[]>>> = {
  MRS: ['master_node_ip', 'cluster_id'],
  RDS_MYSQL: ['rds', 'jdbc_url', 'driver_name'],
  DWS: ['dws', 'jdbc_url', 'driver_name'],
  MYSQL: ['jdbc_url', 'driver_name'],
  JDBC: ['jdbc_url', 'driver_name'],
  ORACLE: ['database_name', 'database_ip', 'database_port'],
};

const knownKeys: readonly string[] = ['name', 'connector_id', 'connector_type', 'auth_type', 'ext_info'];

/** Parses the multipart document. The contract only checks that it is a string. */
export function readConnectorForm(request: SandboxRequest): ConnectorForm {
  const wrong = (detail: string) => agentError(request, 'requestInvalid', detail);
  const objectIn = (name: string, text: unknown): Readonly<Record<string, unknown>> => {
    if (typeof text !== 'string') throw wrong(`${name} must be JSON in a string`);
    try {
      const parsed: unknown = JSON.parse(text);
      if (typeof parsed === 'object' && parsed !== null && !Array.isArray(parsed)) {
        return parsed as Readonly<Record<string, unknown>>;
      }
    } catch {
      // Falls through to the error.
    }
    throw wrong(`${name} must be an object in JSON`);
  };

  const parts = request.body as { readonly data_connector?: unknown; readonly file?: UploadedFile | string };
  const document = objectIn('data_connector', parts.data_connector);
  const stranger = Object.keys(document).find((key) => !knownKeys.includes(key));
  if (stranger !== undefined) throw wrong(`data_connector must not have ${stranger}`);
  const { name, connector_id: connectorId, connector_type: type, auth_type: authType } = document;
  if (typeof name !== 'string' || name.trim() === '' || name.length > 128) throw wrong('name must be 1 to 128 long');
  if (connectorId !== undefined && (typeof connectorId !== 'string' || !/^\w{1,32}$/.test(connectorId))) {
    throw wrong('connector_id must be an id');
  }
  if (typeof type !== 'string' || !isType(type)) {
    throw wrong(`connector_type must be one of ${Object.keys(requiredSettings).join(', ')}`);
  }
  if (authType !== 'PWD' && authType !== 'AK_SK') throw wrong('auth_type must be PWD or AK_SK');

  const settings = objectIn('ext_info', document.ext_info);
  const unsuitable = Object.entries(settings).find(([, value]) => typeof value !== 'string');
  if (unsuitable !== undefined) throw wrong(`ext_info ${unsuitable[0]} must be a string`);
  const missing = requiredSettings[type]?.find((key) => !settings[key]);
  if (missing !== undefined) throw wrong(`ext_info must have ${missing}`);
  return {
    connectorId,
    name,
    type,
    authType,
    settings: settings as Readonly<Record<string, string>>,
    driver: typeof parts.file === 'object' ? parts.file : undefined,
  };
}

function isType(word: string): word is ConnectorType {
  return word in requiredSettings;
}

/** Only MYSQL uploads its driver; the other types find theirs on the agent. */
export function needsDriver({ type }: ConnectorForm): boolean {
  return type === 'MYSQL';
}

const addresses = ['database_ip', 'jdbc_url', 'master_node_ip'] as const;

/**
 * Simulates a connection test. Fails for an address that contains `unreachable`, the password `wrong` and an empty
 * driver file.
 */
export function isReachable({ settings, driver }: ConnectorForm): boolean {
  return (
    settings.password !== 'wrong' &&
    !addresses.some((key) => settings[key]?.includes('unreachable')) &&
    driver?.bytes.byteLength !== 0
  );
}

/** Settings without passwords. */
export function withoutSecrets(settings: ConnectorForm['settings']): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(settings).filter(([key]) => !/password|secret|^sk$/i.test(key)));
}
