import { GatewayError } from '../../errors.ts';
import type { components } from '../../upstream/generated/agent.d.ts';
import type { Planes } from '../planes/planes.ts';
import type { EnumValueOf } from '../../upstream/openEnum.ts';
import { record, text } from '../../upstream/wire.ts';
import type { columnLabels, DatasetColumn, featureTypes, privacyClasses, privacyPolicies } from './column.ts';
import type { DatasetRegistration } from './registration.ts';
import { registrableTypes, type datasetTypes } from './row.ts';

type Schemas = components['schemas'];

type Maybe<Value> = Value | null | undefined;

/** A column to register. Names match `DatasetColumn`. */
export interface ColumnToSave {
  readonly name: string;
  readonly dataType?: Maybe<string>;
  readonly comment?: Maybe<string>;
  readonly label?: Maybe<EnumValueOf<typeof columnLabels>>;
  readonly featureType?: Maybe<EnumValueOf<typeof featureTypes>>;
  readonly fieldSize?: Maybe<number>;
  readonly privacyClass?: Maybe<EnumValueOf<typeof privacyClasses>>;
  readonly privacyPolicy?: Maybe<EnumValueOf<typeof privacyPolicies>>;
  readonly privacyPolicyDetail?: Maybe<string>;
}

/** A table to register. */
export interface TableToSave {
  readonly schemaName: string;
  readonly tableName: string;
}

/** Columns that shall form one feature. */
export interface MultihotGroupToSave {
  readonly features: readonly string[];
  readonly fieldSize?: Maybe<number>;
}

/** A file to register. */
export interface FileToSave {
  readonly fileType: string;
  readonly delimiter: string;
  readonly hasHeader: boolean;
  readonly dataFilePath: string;
  readonly idFilePath?: Maybe<string>;
  readonly configFilePath?: Maybe<string>;
  readonly filteredByAlignment?: Maybe<boolean>;
  readonly multihotGroups?: Maybe<readonly MultihotGroupToSave[]>;
}

/** A whole registration: the service keeps nothing of the previous one. */
export interface RegistrationToSave {
  readonly name: string;
  readonly description?: Maybe<string>;
  readonly dataType: EnumValueOf<typeof datasetTypes>;
  /** The raw TICS id. */
  readonly connectorId: string;
  readonly connectorName: string;
  readonly table?: Maybe<TableToSave>;
  readonly file?: Maybe<FileToSave>;
  readonly columns: readonly ColumnToSave[];
  readonly extraColumns?: Maybe<readonly ColumnToSave[]>;
}

/** Columns and tables repeat the dataset's id as `data_id`. */
function toColumn(column: ColumnToSave, datasetId: string | null): Schemas['DatasetColumnInput'] {
  return {
    data_id: datasetId ?? undefined,
    column_name: column.name,
    data_type: column.dataType ?? undefined,
    comments: column.comment ?? undefined,
    fl_label_type: column.label ?? undefined,
    feature_type: column.featureType ?? undefined,
    field_size: column.fieldSize ?? undefined,
    sql_col_privacy_type: column.privacyClass ?? undefined,
    privacy_policy: column.privacyPolicy ?? undefined,
    privacy_policy_ext: column.privacyPolicyDetail ?? undefined,
  };
}

/** The reference's example sends id and name of the dataset with the file, too: an empty id for a new one. */
function toFile(file: FileToSave, name: string, datasetId: string | null): Schemas['DatasetFileInput'] {
  return {
    data_id: datasetId ?? undefined,
    dataset_id: datasetId ?? '',
    dataset_name: name,
    file_type: file.fileType,
    delimiter: file.delimiter,
    is_header_exist: file.hasHeader,
    data_file_path: file.dataFilePath,
    id_file_path: file.idFilePath ?? undefined,
    config_file_path: file.configFilePath ?? undefined,
    auto_generate_data: file.filteredByAlignment ?? undefined,
    ext: file.multihotGroups
      ? {
          multihot_settings: file.multihotGroups.map(({ features, fieldSize }) => ({
            features: [...features],
            field_size: fieldSize ?? undefined,
          })),
        }
      : undefined,
  };
}

function toBody(registration: RegistrationToSave, datasetId: string | null): Schemas['SaveDatasetRequest'] {
  const { name, description, dataType, connectorId, connectorName, table, file, columns, extraColumns } = registration;
  const type = registrableTypes.find((known) => known === dataType);
  if (type === undefined) throw new GatewayError('INVALID_INPUT', `dataType: one of ${registrableTypes.join(', ')}.`);
  return {
    id: datasetId ?? undefined,
    name,
    description: description ?? undefined,
    connector_id: connectorId,
    connector_name: connectorName,
    data_type: type,
    ag_dataset_table: table
      ? { data_id: datasetId ?? undefined, db_schema: table.schemaName, table_name: table.tableName }
      : undefined,
    ag_dataset_local: file ? toFile(file, name, datasetId) : undefined,
    columns: columns.map((column) => toColumn(column, datasetId)),
    ext_columns: extraColumns?.map((column) => toColumn(column, datasetId)),
  };
}

/** True when everything given was saved. The service may fill in missing and empty values. */
function holds(now: unknown, given: unknown): boolean {
  if (given === null || given === undefined || given === '') return true;
  if (Array.isArray(given)) {
    const items: readonly unknown[] = Array.isArray(now) ? now : [];
    return items.length === given.length && given.every((item, index) => holds(items[index], item));
  }
  if (typeof given === 'object') return Object.entries(given).every(([name, value]) => holds(record(now)[name], value));
  return now === given;
}

function columnAsGiven(column: DatasetColumn) {
  return {
    ...column,
    label: column.label.value,
    featureType: column.featureType.value,
    privacyClass: column.privacyClass.value,
    privacyPolicy: column.privacyPolicy.value,
  };
}

/** True when a dataset is registered as requested. Decides the outcome of a write whose answer is missing. */
export function isRegisteredAs(given: RegistrationToSave, now: DatasetRegistration): boolean {
  return holds(
    {
      ...now,
      dataType: now.dataType.value,
      columns: now.columns.map(columnAsGiven),
      extraColumns: now.extraColumns.map(columnAsGiven),
    },
    given,
  );
}

/** Writes datasets, each on the agent that holds it. */
export function createDatasetWrites(planes: Planes) {
  return {
    /**
     * The league of an agent, which is part of its datasets' ids.
     *
     * @throws GatewayError NOT_FOUND
     */
    leagueOf: async (agentId: string): Promise<string> => {
      const leagueId = await planes.leagueOf(agentId);
      if (leagueId === undefined)
        throw new GatewayError('NOT_FOUND', 'The agent is in no league, and datasets are known by their league.', {
          field: ['agentId'],
        });
      return leagueId;
    },
    /**
     * Checks the league of an id before a call to an agent, which takes raw TICS ids only. When the space plane is away there is no
     * check, and the agent refuses foreign ids.
     *
     * @throws GatewayError NOT_FOUND
     */
    expectLeague: async (agentId: string, leagueId: string): Promise<void> => {
      const itsLeagueId = await planes.leagueOf(agentId).catch(() => undefined);
      if (itsLeagueId !== undefined && itsLeagueId !== leagueId)
        throw new GatewayError(
          'NOT_FOUND',
          'The agent is in another league than the dataset, so it does not hold it.',
          {
            field: ['agentId'],
          },
        );
    },
    /**
     * `POST /v1/agents/datasets` (7.4.2): creates, or replaces the registration of the dataset with this id. Answers the id.
     *
     * @throws GatewayError OUTCOME_UNKNOWN also when something was created and the answer does not say what.
     */
    save: async (
      agentId: string,
      registration: RegistrationToSave,
      datasetId: string | null = null,
    ): Promise<string> => {
      const agent = await planes.agent(agentId);
      const answer = await agent.write('saveDataset', { body: toBody(registration, datasetId) });
      const savedId = datasetId ?? text(record(answer)['id']);
      if (!savedId)
        throw new GatewayError(
          'OUTCOME_UNKNOWN',
          'saveDataset did not answer an id: the dataset may have been created.',
          {
            plane: 'AGENT',
            call: 'saveDataset',
          },
        );
      return savedId;
    },
    /** `POST /v1/agents/datasets/batch-delete` (7.4.3). */
    remove: async (agentId: string, datasetIds: readonly string[]): Promise<void> => {
      const agent = await planes.agent(agentId);
      await agent.write('deleteDatasets', { body: { resource_ids: [...datasetIds] } });
    },
    /** `POST /v1/agents/{a}/datasets/{d}/publish` (7.4.4). */
    publish: async (agentId: string, datasetId: string): Promise<void> => {
      const agent = await planes.agent(agentId);
      await agent.write('publishDataset', { path: { agent_id: agentId, dataset_id: datasetId } });
    },
  };
}
