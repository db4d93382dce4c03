import type { Dataset, Instance, World } from '../model/world.ts';
import type { Yielding } from '../model/yielding.ts';
import { intersect, rowsOfIds } from './alignment.ts';
import { LearningFailure } from './failure.ts';
import type { DatasetName, Parameters } from './parameters.ts';
import { distinctFeatures, featureNamesOf, idColumnOf, labelColumnOf, pickTable, readTable } from './tables.ts';
import type { Table } from './tables.ts';

/** The datasets of a run: those it names, else its job's. */
export function datasetsOf(world: World, instance: Instance, named: readonly DatasetName[]): Dataset[] {
  const found =
    named.length > 0
      ? named.map((name) => findDataset(world, instance.leagueId, name))
      : instance.datasetIds.map((id) => findDataset(world, instance.leagueId, { id }));
  if (found.length === 0) throw new LearningFailure('the job has no datasets');
  return found;
}

function findDataset(world: World, leagueId: string, name: DatasetName): Dataset {
  const dataset =
    'id' in name
      ? world.dataset(name.id)
      : world.datasetsOfAgent(name.agentId).find((candidate) => candidate.name === name.name);
  if (dataset?.leagueId !== leagueId) {
    throw new LearningFailure(`dataset ${'id' in name ? name.id : name.name} does not exist in this league`);
  }
  return dataset;
}

/** The chosen features of a dataset; all when none are chosen of any. */
export function chosenFeatures({ features }: Parameters, dataset: Dataset): readonly string[] {
  if (features.every((choice) => choice.features.length === 0)) return featureNamesOf(dataset);
  return features
    .filter(({ agentId, datasetName }) => agentId === dataset.agentId && datasetName === dataset.name)
    .flatMap((choice) => choice.features);
}

export function idColumnFor({ idColumns, idColumn }: Parameters, dataset: Dataset): string {
  return idColumns[dataset.agentId] ?? idColumn ?? idColumnOf(dataset).name;
}

/** The party that has the label, and the label's column. */
export function labelIn(datasets: readonly Dataset[], parameters: Parameters): { party: number; label: string } {
  const { label, labelDatasetName, labelAgentId } = parameters;
  const party =
    labelDatasetName === undefined
      ? datasets.findIndex((dataset) => labelColumnOf(dataset))
      : datasets.findIndex(
          ({ name, agentId }) => name === labelDatasetName && (labelAgentId === undefined || agentId === labelAgentId),
        );
  const dataset = datasets[party];
  if (!dataset) {
    throw new LearningFailure(
      labelDatasetName === undefined
        ? 'none of the datasets has a label'
        : `the dataset with the label, ${labelDatasetName}, is not among the datasets of the run`,
    );
  }
  const name = label ?? labelColumnOf(dataset)?.name;
  if (name === undefined) throw new LearningFailure(`dataset ${dataset.name} has no label`);
  return { party, label: name };
}

/** Rows of several parties, the n-th of each about the same record. */
export interface AlignedTables {
  readonly ids: readonly string[];
  readonly tables: readonly Table[];
}

/** Joins the parties' rows by id. */
export function align(tables: readonly Table[]): AlignedTables {
  for (const { dataset, ids, idColumn } of tables) {
    const distinct = new Set(ids).size;
    if (distinct < ids.length) {
      throw new LearningFailure(
        `column ${idColumn} of dataset ${dataset.name} is no key: ${distinct} values in ${ids.length} records; align by ` +
          'a column in which no value comes twice',
      );
    }
  }
  const ids = intersect(tables.map((table) => table.ids));
  if (ids.length === 0) {
    const names = tables.map(({ dataset }) => dataset.name).join(', ');
    throw new LearningFailure(`datasets ${names} have no ids in common, the aligned sample is empty`);
  }
  return { ids, tables: tables.map((table) => pickTable(table, rowsOfIds(ids, table.ids))) };
}

/** Reads and aligns the features of all parties and the label. */
export async function readAligned(world: World, instance: Instance, parameters: Parameters, yielding: Yielding) {
  const datasets = datasetsOf(world, instance, parameters.datasets);
  const { party: labelParty, label } = labelIn(datasets, parameters);
  const tables = await Promise.all(
    datasets.map((dataset, party) =>
      readTable(world, {
        dataset,
        idColumn: idColumnFor(parameters, dataset),
        features: distinctFeatures(
          dataset,
          chosenFeatures(parameters, dataset),
          party === labelParty ? label : undefined,
        ),
        others: party === labelParty ? [label] : [],
        yielding,
      }),
    ),
  );
  const aligned = align(tables);
  const labelColumn = aligned.tables[labelParty]?.others[0];
  if (!labelColumn) throw new LearningFailure(`there is no column ${label}`);
  return { ...aligned, labelParty, labelColumn };
}
