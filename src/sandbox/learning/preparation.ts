import type { ExecutionResults } from '../model/execution.ts';
import { Random } from '../model/random.ts';
import type { Instance, World } from '../model/world.ts';
import { keepByPrefix } from './alignment.ts';
import { LearningFailure } from './failure.ts';
import { binCounts, informationValue } from './informationValue.ts';
import { classesOf, labelsFor, targetsOf } from './labels.ts';
import type { Yielding } from '../model/yielding.ts';
import type { Parameters } from './parameters.ts';
import { align, datasetsOf, idColumnFor, labelIn, readAligned } from './parties.ts';
import { noisyCounts } from './privacy.ts';
import { hasColumn, readTable } from './tables.ts';

/** Steps before vertical training: screening, alignment, feature selection. */

/** Aligns samples. OPRF and SQL_JOIN differ in what is disclosed, not in the result. */
export async function alignSamples(
  world: World,
  instance: Instance,
  parameters: Parameters,
  yielding: Yielding,
): Promise<ExecutionResults> {
  const tables = await Promise.all(
    datasetsOf(world, instance, parameters.datasets).map((dataset) =>
      readTable(world, { dataset, idColumn: idColumnFor(parameters, dataset), features: [], yielding }),
    ),
  );
  const { ids } = align(tables);
  return {
    recordCount: ids.length,
    alignment: {
      recordCount: ids.length,
      parties: tables.map(({ dataset, ids: own }) => ({
        agentId: dataset.agentId,
        datasetName: dataset.name,
        recordCount: own.length,
        keptCount: ids.length,
      })),
    },
  };
}

/** Screens ids by prefix. Records need a value in each filter column that their party has. */
export async function truncateIds(
  world: World,
  instance: Instance,
  parameters: Parameters,
  yielding: Yielding,
): Promise<ExecutionResults> {
  const datasets = datasetsOf(world, instance, parameters.datasets);
  const { party: labelParty } = labelIn(datasets, parameters);
  const { filters, prefixLength } = parameters;
  for (const filter of filters) {
    if (!datasets.some((dataset) => hasColumn(dataset, filter))) {
      throw new LearningFailure(`none of the datasets has the column ${filter} to filter by`);
    }
  }
  const tables = await Promise.all(
    datasets.map((dataset) =>
      readTable(world, {
        dataset,
        idColumn: idColumnFor(parameters, dataset),
        features: [],
        others: filters.filter((name) => hasColumn(dataset, name)),
        yielding,
      }),
    ),
  );
  const screened = tables.map(({ ids, others }) =>
    ids.filter((_, row) => others.every(({ values }) => values[row] !== undefined)),
  );
  const labelIds = screened[labelParty] ?? [];
  const parties = tables.map(({ dataset, ids }, party) => ({
    agentId: dataset.agentId,
    datasetName: dataset.name,
    recordCount: ids.length,
    keptCount: keepByPrefix(screened[party] ?? [], labelIds, prefixLength).length,
  }));
  const kept = parties.filter((_, party) => party !== labelParty || parties.length === 1);
  const recordCount = kept.reduce((sum, { keptCount }) => sum + keptCount, 0);
  if (recordCount === 0) {
    throw new LearningFailure(`no id begins with the ${prefixLength} characters of any id of the party with the label`);
  }
  return { recordCount, alignment: { recordCount, parties } };
}

/** Information values of all features, on aligned rows. */
export async function calculateInformationValues(
  world: World,
  instance: Instance,
  parameters: Parameters,
  yielding: Yielding,
): Promise<ExecutionResults> {
  const { ids, tables, labelParty, labelColumn } = await readAligned(world, instance, parameters, yielding);
  const labelDataset = tables[labelParty]?.dataset.name ?? '';
  const classes = classesOf(labelColumn, labelDataset, { task: 'CLASSIFICATION' });
  const labels = labelsFor(labelColumn, targetsOf(classes)[0]);
  const random = new Random(`${instance.id}/noise`);
  const values = [];
  for (const { dataset, features } of tables) {
    for (const { column, values: own } of features) {
      const counts = binCounts(own, labels, parameters.binning, parameters.bins);
      const disclosed = parameters.privacy ? noisyCounts(counts, parameters.privacy.epsilon, random) : counts;
      const iv = informationValue(disclosed);
      if (!Number.isFinite(iv)) {
        throw new LearningFailure(`the information value of ${column.name} diverged: dp.epsilon is too small`);
      }
      values.push({
        agentId: dataset.agentId,
        datasetName: dataset.name,
        feature: column.name,
        iv: Number(iv.toFixed(4)),
        bins: counts.length,
      });
      await yielding.yieldIfDue();
    }
  }
  if (values.length === 0) throw new LearningFailure('there are no features to judge');
  return { recordCount: ids.length, informationValues: values.sort((a, b) => b.iv - a.iv) };
}
