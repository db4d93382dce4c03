import type { SandboxRequest } from '../../contract/handler.ts';
import type {
  Agent,
  Connector,
  ConnectorType,
  Dataset,
  DatasetColumn,
  DatasetType,
  FeatureType,
  LabelType,
  PrivacyPolicy,
  PrivacyType,
  World,
} from '../../model/world.ts';
import { foldCase } from '../../model/names.ts';
import { agentError } from './caller.ts';

export interface DatasetInput {
  readonly id?: string;
  readonly name: string;
  readonly description?: string;
  readonly columns: readonly ColumnInput[];
  readonly ext_columns?: readonly ColumnInput[];
  readonly connector_id: string;
  readonly connector_name: string;
  readonly data_type: DatasetType;
  readonly ag_dataset_table?: { readonly db_schema: string; readonly table_name: string };
  readonly ag_dataset_local?: FileInput;
}

interface ColumnInput {
  readonly column_name: string;
  readonly data_type?: string;
  readonly comments?: string;
  readonly sql_col_privacy_type?: PrivacyType;
  readonly fl_label_type?: LabelType;
  readonly privacy_policy?: PrivacyPolicy;
  readonly privacy_policy_ext?: string;
  readonly feature_type?: FeatureType;
  readonly field_size?: number;
}

interface FileInput {
  readonly file_type: string;
  readonly delimiter: string;
  readonly is_header_exist: boolean;
  readonly data_file_path: string;
  readonly id_file_path?: string;
  readonly config_file_path?: string;
  readonly auto_generate_data?: boolean;
  readonly ext?: {
    readonly multihot_settings?: readonly { readonly features?: readonly string[]; readonly field_size?: number }[];
  };
}

/** Connector types that serve each dataset type. */
const suitableConnectors: Readonly<Record<DatasetType, readonly ConnectorType[]>> = {
  LOCAL_CSV: ['LOCAL'],
  MRS: ['MRS'],
  RDS: ['RDS_MYSQL'],
  DWS: ['DWS'],
  MYSQL: ['MYSQL', 'JDBC'],
  ORACLE: ['ORACLE', 'JDBC'],
};

export type Registration = Pick<
  Dataset,
  'name' | 'description' | 'type' | 'connectorId' | 'connectorName' | 'columns' | 'extraColumns' | 'table' | 'file'
>;

/** Parses and checks a registration, also against the agent's connectors. */
export function readRegistration(request: SandboxRequest, world: World, agent: Agent): Registration {
  const input = request.body as DatasetInput;
  const connector = suitableConnector(request, world, agent, input);
  const isFile = input.data_type === 'LOCAL_CSV';
  if (isFile !== (input.ag_dataset_local !== undefined) || isFile === (input.ag_dataset_table !== undefined)) {
    const wanted = isFile ? 'ag_dataset_local' : 'ag_dataset_table';
    throw agentError(request, 'requestInvalid', `a dataset of type ${input.data_type} has ${wanted} and nothing else`);
  }
  checkName(request, input.name);
  checkColumns(request, input);
  return {
    name: input.name,
    description: input.description ?? '',
    type: input.data_type,
    connectorId: connector.id,
    connectorName: connector.name,
    columns: input.columns.map(readColumn),
    extraColumns: (input.ext_columns ?? []).map(readColumn),
    table: input.ag_dataset_table && {
      schema: input.ag_dataset_table.db_schema,
      name: input.ag_dataset_table.table_name,
    },
    file: input.ag_dataset_local && readFile(input.ag_dataset_local),
  };
}

function suitableConnector(request: SandboxRequest, world: World, agent: Agent, input: DatasetInput): Connector {
  const connector = world.connector(input.connector_id);
  if (connector?.agentId !== agent.id) throw agentError(request, 'notFound', `connector ${input.connector_id}`);
  if (connector.name !== input.connector_name) {
    throw agentError(request, 'requestInvalid', `connector_name of ${connector.id} is ${connector.name}`);
  }
  if (!suitableConnectors[input.data_type].includes(connector.type)) {
    throw agentError(request, 'connectorUnsuitable', `${connector.type}, ${input.data_type}`);
  }
  return connector;
}

/** Jobs name datasets in comma lists whose items are trimmed: no other name could be found again. */
function checkName(request: SandboxRequest, name: string): void {
  if (name === name.trim() && !name.includes(',') && !hasControlCharacter.test(name)) return;
  throw agentError(request, 'requestInvalid', 'name must have no comma, no control character and no blank at its ends');
}

const hasControlCharacter = /\p{Cc}/u;

function checkColumns(
  request: SandboxRequest,
  { columns, ext_columns: extraColumns = [], data_type: dataType }: DatasetInput,
): void {
  // SQL knows no case; the columns of a file may differ in it.
  const names = [...columns, ...extraColumns].map(({ column_name: name }) =>
    dataType === 'LOCAL_CSV' ? name : foldCase(name),
  );
  if (columns.length === 0) throw agentError(request, 'requestInvalid', 'columns must not be empty');
  const twice = names.find((name, index) => name === '' || names.indexOf(name) !== index);
  if (twice !== undefined)
    throw agentError(request, 'requestInvalid', `columns must have names of their own: ${twice}`);
}

function readColumn(input: ColumnInput): DatasetColumn {
  return {
    name: input.column_name,
    dataType: input.data_type ?? 'STRING',
    comment: input.comments ?? '',
    length: undefined,
    scale: undefined,
    labelType: input.fl_label_type,
    featureType: input.feature_type,
    fieldSize: input.field_size,
    privacyType: input.sql_col_privacy_type,
    privacyPolicy: input.privacy_policy ?? 'NONE',
    privacyPolicyText: input.privacy_policy_ext,
  };
}

function readFile(input: FileInput): Dataset['file'] {
  return {
    fileType: input.file_type,
    delimiter: input.delimiter,
    hasHeader: input.is_header_exist,
    dataPath: input.data_file_path,
    idPath: input.id_file_path ?? '',
    configPath: input.config_file_path ?? '',
    autoGenerate: input.auto_generate_data ?? false,
    multihot: (input.ext?.multihot_settings ?? []).map(({ features = [], field_size: fieldSize = 0 }) => ({
      features,
      fieldSize,
    })),
  };
}
