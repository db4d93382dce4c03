import type { Dataset, DatasetColumn, World } from '../model/world.ts';
import { equalsIgnoreCase } from '../model/names.ts';
import { Yielding } from '../model/yielding.ts';
import { missingColumns } from './externalTables.ts';
import { defaultRowCount, membersOf, populationOf } from './population.ts';
import { valuesOf } from './values.ts';
import type { Cell } from './values.ts';

export type { Cell } from './values.ts';

/**
 * The rows of a dataset, with the named columns in the given order.
 *
 * Deterministic: the same dataset has the same rows in the same order. Identifiers do not repeat where their type has
 * enough values; two datasets order their common people differently. Dates are ISO text; nothing is null.
 *
 * @throws {MissingColumnError} when the dataset, or the table behind it, has no such column.
 */
export async function rowsOf(
  world: World,
  dataset: Dataset,
  columnNames: readonly string[],
  yielding = new Yielding(new AbortController().signal),
): Promise<readonly (readonly Cell[])[]> {
  const wanted = columnNames.map((name) => columnOf(dataset, name));
  const absent = missingColumns(dataset, wanted);
  if (absent.length > 0)
    throw new MissingColumnError(`table ${tableNameOf(dataset)} has no column ${absent.join(', ')}`);
  const population = populationOf(world);
  const key = tableKeyOf(dataset);
  const members = membersOf(population, key, rowCountOf(dataset));
  const columns: (readonly Cell[])[] = [];
  for (const column of wanted) {
    columns.push(valuesOf(population, dataset, column, key));
    await yielding.yieldIfDue();
  }
  return members.map((person) => columns.map((values) => values[person] ?? null));
}

/** The people of a dataset, in row order. */
export function membersOfDataset(world: World, dataset: Dataset): readonly number[] {
  return membersOf(populationOf(world), tableKeyOf(dataset), rowCountOf(dataset));
}

/** A column's values, in row order. */
export function valuesByPerson(world: World, dataset: Dataset, columnName: string): readonly Cell[] {
  const values = valuesOf(populationOf(world), dataset, columnOf(dataset, columnName), tableKeyOf(dataset));
  return membersOfDataset(world, dataset).map((person) => values[person] ?? null);
}

export class MissingColumnError extends Error {
  override name = 'MissingColumn';
}

/** Finds a column by exact name, else ignoring case. Files may have columns that differ in case only. */
export function columnNamed(columns: readonly DatasetColumn[], wanted: string): DatasetColumn | undefined {
  return columns.find(({ name }) => name === wanted) ?? columns.find(({ name }) => equalsIgnoreCase(name, wanted));
}

function columnOf({ name, columns, extraColumns }: Dataset, wanted: string): DatasetColumn {
  const column = columnNamed([...columns, ...extraColumns], wanted);
  if (!column) throw new MissingColumnError(`dataset ${name} has no column ${wanted}`);
  return column;
}

/** Rows that exist: the declared record count, capped. */
export function rowCountOf({ recordCount }: Dataset): number {
  return recordCount > 0 ? Math.min(recordCount, defaultRowCount) : defaultRowCount;
}

function tableNameOf({ table, name }: Dataset): string {
  return table ? `${table.schema}.${table.name}` : name;
}

/** Identifies the data: datasets of the same table or file have the same rows. */
function tableKeyOf({ connectorId, table, file, name }: Dataset): string {
  return table
    ? `${connectorId}/${table.schema}/${table.name}`.toLowerCase()
    : `${connectorId}/${file?.dataPath ?? name}`;
}
