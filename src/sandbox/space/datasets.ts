import { recordPage, timestamp } from '../contract/formats.ts';
import type { Handlers } from '../contract/handler.ts';
import type { Dataset, DatasetColumn, World } from '../model/world.ts';
import { requestedLeague, ok, containsIgnoreCase, pageParameters, textParameter } from './request.ts';

export const datasetHandlers: Handlers = {
  /** §6.3.1: published datasets, in their published version. */
  listLeagueDatasets(request, world) {
    const { id } = requestedLeague(request, world);
    const name = textParameter(request, 'dataset_name');
    const partnerName = textParameter(request, 'partner_name');
    const datasets = world
      .datasetsOfLeague(id)
      .filter(
        (dataset) =>
          containsIgnoreCase(dataset.name, name) && containsIgnoreCase(domainNameOf(world, dataset), partnerName),
      );
    return ok(recordPage(datasets, pageParameters(request), (dataset) => datasetRow(world, dataset)));
  },
};

function domainNameOf(world: World, { partnerId }: Dataset): string {
  return world.partner(partnerId)?.domainName ?? '';
}

function datasetRow(world: World, dataset: Dataset) {
  return {
    id: dataset.id,
    name: dataset.name,
    description: dataset.description,
    column_list: dataset.columns.map((column) => columnRow(dataset, column)),
    data_type: dataset.type,
    partner_domain_name: domainNameOf(world, dataset),
    create_time: timestamp(dataset.createdAtMs),
  };
}

function columnRow(dataset: Dataset, column: DatasetColumn) {
  return {
    data_id: dataset.id,
    column_name: column.name,
    data_type: column.dataType,
    comments: column.comment,
    length: column.length ?? null,
    // The service's spelling of "scale".
    sacle: column.scale ?? null,
    fl_label_type: column.labelType ?? null,
    feature_type: column.featureType ?? null,
    is_discrete: column.featureType ? column.featureType === 'DISCRETE' : null,
    sql_col_privacy_type: column.privacyType ?? null,
    privacy_policy: column.privacyPolicy,
    privacy_policy_ext: column.privacyPolicyText ?? null,
  };
}
