import { serviceError } from '../contract/errors.ts';
import { numberedPage, timestamp } from '../contract/formats.ts';
import type { Handlers } from '../contract/handler.ts';
import type { Dataset, DatasetColumn, World } from '../model/world.ts';
import { ownAgent, ownLeague, pageParameters, textParameter } from './access.ts';

function datasetRow({ id, name, connectorName, table, type, publication, createdAtMs }: Dataset) {
  return {
    id,
    name,
    connector_name: connectorName,
    data_source: table?.schema ?? null,
    table_name: table?.name ?? null,
    data_type: type,
    data_pub_status: publication,
    create_time: timestamp(createdAtMs),
  };
}

function registrationColumn(datasetId: string) {
  return (column: DatasetColumn) => ({
    comments: column.comment,
    data_id: datasetId,
    column_name: column.name,
    data_type: column.dataType,
    sql_col_privacy_type: column.privacyType ?? null,
    fl_label_type: column.labelType ?? null,
    privacy_policy: column.privacyPolicy,
    privacy_policy_ext: column.privacyPolicyText ?? null,
    feature_type: column.featureType ?? null,
    field_size: column.fieldSize ?? null,
  });
}

function registrationTable({ id, table }: Dataset) {
  return table && { ag_dataset_table: { data_id: id, db_schema: table.schema, table_name: table.name } };
}

function registrationFile({ id, name, file }: Dataset) {
  return (
    file && {
      ag_dataset_local: {
        data_id: id,
        dataset_id: id,
        dataset_name: name,
        file_type: file.fileType,
        delimiter: file.delimiter,
        is_header_exist: file.hasHeader,
        data_file_path: file.dataPath,
        id_file_path: file.idPath,
        config_file_path: file.configPath,
        auto_generate_data: file.autoGenerate,
        ext: {
          multihot_settings: file.multihot.map(({ features, fieldSize }) => ({ features, field_size: fieldSize })),
        },
      },
    }
  );
}

function registration(dataset: Dataset) {
  return {
    id: dataset.id,
    name: dataset.name,
    description: dataset.description,
    columns: dataset.columns.map(registrationColumn(dataset.id)),
    connector_id: dataset.connectorId,
    connector_name: dataset.connectorName,
    data_type: dataset.type,
    ...registrationTable(dataset),
    ...registrationFile(dataset),
    ext_columns: dataset.extraColumns.map(registrationColumn(dataset.id)),
  };
}

function privacyColumn(column: DatasetColumn) {
  return {
    comments: column.comment,
    column_name: column.name,
    data_type: column.dataType,
    privacy_policy_type: column.privacyPolicy,
    privacy_policy: column.privacyPolicy === 'NONE' ? 'NONE' : 'ANONYMIZE',
    sql_col_privacy_type: column.privacyType ?? null,
    fl_label_type: column.labelType ?? null,
  };
}

/** `label_dataset` and `has_align_id_file` are null for tables. */
function availableRow(world: World) {
  return (dataset: Dataset) => {
    const label = dataset.columns.find(({ labelType }) => labelType === 'LABEL');
    const unique = dataset.columns.find(
      ({ labelType, privacyType }) => labelType === 'UNIQUE_ID' || privacyType === 'UNIQUE_ID',
    );
    return {
      id: dataset.id,
      name: dataset.name,
      agent_name: world.agent(dataset.agentId)?.name ?? null,
      agent_id: dataset.agentId,
      dataset_invalid_type: 'NONE',
      label_dataset: label !== undefined,
      label_word: label?.name ?? null,
      unique_column_name: unique?.name ?? null,
      has_align_id_file: dataset.file === undefined ? null : dataset.file.idPath !== '',
    };
  };
}

export const datasetHandlers: Handlers = {
  /** §7.4.1 */
  listAgentDatasets(request, world) {
    const datasets = world.datasetsOfAgent(ownAgent(request, world).id);
    return { status: 200, body: numberedPage(datasets, pageParameters(request), datasetRow) };
  },

  /** §7.4.5 */
  getDatasetRegistration(request, world) {
    const { dataset_id: datasetId = '' } = request.path;
    const dataset = world.dataset(datasetId);
    if (dataset?.agentId !== ownAgent(request, world).id) {
      throw serviceError('agent', request.language, 'notFound', `dataset ${datasetId}`);
    }
    return { status: 200, body: registration(dataset) };
  },

  /** §7.7.1 */
  getDatasetPrivacy(request, world) {
    const { dataset_id: datasetId = '' } = request.path;
    const league = ownLeague(request, world);
    const dataset = world.datasetsOfLeague(league.id).find(({ id }) => id === datasetId);
    if (dataset === undefined) {
      throw serviceError('agent', request.language, 'notFound', `dataset ${datasetId}`);
    }
    return {
      status: 200,
      body: { description: dataset.description, privacies: dataset.columns.map(privacyColumn) },
    };
  },

  /**
   * §7.7.2: grouped by partner, not paged. `dataset_type` LOCAL_CSV selects files for learning, any other type tables.
   */
  listAvailableDatasets(request, world) {
    const league = ownLeague(request, world);
    const isForLearning = textParameter(request, 'dataset_type') === 'LOCAL_CSV';
    const agentId = textParameter(request, 'agent_id');
    const datasets = world
      .datasetsOfLeague(league.id)
      .filter(({ type }) => (type === 'LOCAL_CSV') === isForLearning)
      .filter((dataset) => agentId === undefined || dataset.agentId === agentId);
    const lists = world
      .partnersOfLeague(league.id)
      .filter(({ status }) => status === 'JOINED')
      .map(({ id, alias }) => ({
        dataset: datasets.filter(({ partnerId }) => partnerId === id).map(availableRow(world)),
        partner_domain_alias: alias,
      }));
    return { status: 200, body: { total: lists.length, lists } };
  },
};
