import { columnNamed, MissingColumnError, rowsOf } from '../data/rows.ts';
import { isOnline } from '../model/world.ts';
import type { Yielding } from '../model/yielding.ts';
import type { Dataset, DatasetColumn, World } from '../model/world.ts';
import type { FeatureColumn } from './encoding.ts';
import { LearningFailure } from './failure.ts';
import type { FeatureValue } from './informationValue.ts';

/** What a run reads of a dataset. */
export interface Table {
  readonly dataset: Dataset;
  readonly ids: readonly string[];
  readonly idColumn: string;
  readonly features: readonly FeatureColumn[];
  /** Label and filter columns. */
  readonly others: readonly FeatureColumn[];
}

export interface TableRequest {
  readonly dataset: Dataset;
  /** Defaults to the dataset's own identifier. */
  readonly idColumn?: string | undefined;
  readonly features: readonly string[];
  readonly others?: readonly string[];
  readonly yielding: Yielding;
}

export async function readTable(world: World, request: TableRequest): Promise<Table> {
  const { dataset, features, others = [] } = request;
  const agent = world.agent(dataset.agentId);
  if (!agent || !isOnline(agent)) {
    throw new LearningFailure(
      `agent ${agent?.name ?? dataset.agentId}, which holds dataset ${dataset.name}, is offline`,
    );
  }
  const names = [request.idColumn ?? idColumnOf(dataset).name, ...features, ...others];
  const rows = await rowsOf(world, dataset, names, request.yielding).catch((error: unknown) => {
    throw error instanceof MissingColumnError ? new LearningFailure(error.message) : error;
  });
  const columns = names.map((name, index) => ({
    column: columnOf(dataset, name),
    values: rows.map((row): FeatureValue => row[index] ?? undefined),
  }));
  const [ids, ...rest] = columns;
  return {
    dataset,
    ids: ids?.values.map(String) ?? [],
    idColumn: names[0] ?? '',
    features: rest.slice(0, features.length),
    others: rest.slice(features.length),
  };
}

/** The chosen features, each column once and without the label, however their case. */
export function distinctFeatures(dataset: Dataset, names: readonly string[], label: string | undefined): string[] {
  const labelColumn = label === undefined ? undefined : findColumn(dataset, label);
  const columns = new Set(names.map((name) => columnOf(dataset, name)));
  return [...columns].filter((column) => column !== labelColumn).map(({ name }) => name);
}

/** Selects rows in the given order. */
export function pickTable({ dataset, ids, idColumn, features, others }: Table, rows: readonly number[]): Table {
  const pick = ({ column, values }: FeatureColumn): FeatureColumn => ({
    column,
    values: rows.map((row) => values[row]),
  });
  return {
    dataset,
    ids: rows.map((row) => ids[row] ?? ''),
    idColumn,
    features: features.map(pick),
    others: others.map(pick),
  };
}

function columnsOf({ columns, extraColumns }: Dataset): readonly DatasetColumn[] {
  return [...columns, ...extraColumns];
}

function findColumn(dataset: Dataset, wanted: string): DatasetColumn | undefined {
  return columnNamed(columnsOf(dataset), wanted);
}

export function hasColumn(dataset: Dataset, wanted: string): boolean {
  return findColumn(dataset, wanted) !== undefined;
}

export function columnOf(dataset: Dataset, wanted: string): DatasetColumn {
  const column = findColumn(dataset, wanted);
  if (!column) throw new LearningFailure(`dataset ${dataset.name} has no column ${wanted}`);
  return column;
}

export function idColumnOf(dataset: Dataset): DatasetColumn {
  const columns = columnsOf(dataset);
  const column =
    columns.find(({ labelType }) => labelType === 'UNIQUE_ID') ??
    columns.find(({ privacyType }) => privacyType === 'UNIQUE_ID');
  if (!column) throw new LearningFailure(`dataset ${dataset.name} has no column of type UNIQUE_ID`);
  return column;
}

export function labelColumnOf(dataset: Dataset): DatasetColumn | undefined {
  return columnsOf(dataset).find(({ labelType }) => labelType === 'LABEL');
}

/** The default features. */
export function featureNamesOf(dataset: Dataset): string[] {
  return columnsOf(dataset)
    .filter(({ labelType }) => labelType === 'FEATURE')
    .map(({ name }) => name);
}
