import type { components } from '../../upstream/generated/agent.d.ts';
import { commaList, count, flag, jsonText, record, rows, text, type Long } from '../../upstream/wire.ts';
import type { OpenEnum } from '../../upstream/openEnum.ts';
import { toColumn, toPrivacyColumn, type DatasetColumn, type PrivacyColumn } from './column.ts';
import { toDatasetType, type datasetTypes } from './row.ts';

type Schemas = components['schemas'];

/** The table behind a dataset. */
export interface RegisteredTable {
  readonly leagueId: string;
  readonly datasetId: string | null;
  readonly schemaName: string | null;
  readonly tableName: string | null;
}

/** Columns that form one feature together. */
export interface MultihotGroup {
  readonly features: readonly string[];
  readonly fieldSize: Long | null;
}

/** The file behind a dataset. */
export interface RegisteredFile {
  readonly leagueId: string;
  readonly datasetId: string | null;
  readonly sentDatasetId: string | null;
  readonly sentDatasetName: string | null;
  readonly fileType: string | null;
  readonly delimiter: string | null;
  readonly hasHeader: boolean | null;
  readonly dataFilePath: string | null;
  readonly idFilePath: string | null;
  readonly configFilePath: string | null;
  readonly filteredByAlignment: boolean | null;
  readonly multihotGroups: readonly MultihotGroup[];
  readonly extensionText: string | null;
}

/** A dataset as its owner registered it. */
export interface DatasetRegistration {
  readonly ticsId: string | null;
  readonly leagueId: string;
  readonly agentId: string;
  readonly name: string | null;
  readonly description: string | null;
  readonly dataType: OpenEnum<typeof datasetTypes>;
  readonly connectorId: string | null;
  readonly connectorName: string | null;
  readonly table: RegisteredTable | null;
  readonly file: RegisteredFile | null;
  readonly columns: readonly DatasetColumn[];
  readonly extraColumns: readonly DatasetColumn[];
}

/** Privacy of a dataset's columns. */
export interface DatasetPrivacy {
  readonly description: string | null;
  readonly columns: readonly PrivacyColumn[];
}

function toTable(leagueId: string, wire: Schemas['DatasetRegistrationTable']): RegisteredTable {
  return {
    leagueId,
    datasetId: text(wire.data_id),
    schemaName: text(wire.db_schema),
    tableName: text(wire.table_name),
  };
}

/** The groups come as an object or a list, as JSON or as JSON in a string; a group's features as a list or a comma list. */
function toMultihotGroups(ext: unknown): MultihotGroup[] {
  const groups = Array.isArray(ext) ? ext : record(ext)['multihot_settings'];
  return rows(groups as readonly unknown[]).map((group) => {
    const { features, field_size: fieldSize } = record(group);
    return { features: commaList(features), fieldSize: count(fieldSize) };
  });
}

function toFile(leagueId: string, wire: Schemas['DatasetRegistrationFile']): RegisteredFile {
  const ext = jsonText(wire.ext);
  return {
    leagueId,
    datasetId: text(wire.data_id),
    sentDatasetId: text(wire.dataset_id),
    sentDatasetName: text(wire.dataset_name),
    fileType: text(wire.file_type),
    delimiter: text(wire.delimiter),
    hasHeader: flag(wire.is_header_exist),
    dataFilePath: text(wire.data_file_path),
    idFilePath: text(wire.id_file_path),
    configFilePath: text(wire.config_file_path),
    filteredByAlignment: flag(wire.auto_generate_data),
    multihotGroups: toMultihotGroups(ext.value),
    extensionText: ext.text,
  };
}

/** Reads the answer of 7.4.5. */
export function toRegistration(
  { leagueId, agentId }: { readonly leagueId: string; readonly agentId: string },
  wire: Schemas['DatasetRegistration'],
): DatasetRegistration {
  const read = (column: Schemas['DatasetRegistrationColumn']) => toColumn(leagueId, column);
  return {
    ticsId: text(wire.id),
    leagueId,
    agentId,
    name: text(wire.name),
    description: text(wire.description),
    dataType: toDatasetType(wire.data_type),
    connectorId: text(wire.connector_id),
    connectorName: text(wire.connector_name),
    table: wire.ag_dataset_table ? toTable(leagueId, wire.ag_dataset_table) : null,
    file: wire.ag_dataset_local ? toFile(leagueId, wire.ag_dataset_local) : null,
    columns: rows(wire.columns).map(read),
    extraColumns: rows(wire.ext_columns).map(read),
  };
}

/** Reads the answer of 7.7.1. */
export function toPrivacy(wire: Schemas['DatasetPrivacy']): DatasetPrivacy {
  return {
    description: text(wire.description),
    columns: rows(wire.privacies).map(toPrivacyColumn),
  };
}
