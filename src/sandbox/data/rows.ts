import type { Dataset, DatasetColumn, World } from '../model/world.ts';
import { equalsIgnoreCase } from '../model/names.ts';
import { Yielding } from '../model/yielding.ts';
import { missingColumns } from './externalTables.ts';
import { defaultRowCount, membersOf, populationOf } from './population.ts';
import { valuesOf } from './values.ts';
import type { Cell } from './values.ts';

export type { Cell } from './values.ts';

/**
 * The rows behind a dataset, each with the cells of the columns named, in the order they are named in.
 *
 * The same dataset always has the same rows in the same order, and no identifier twice; two datasets list the people they
 * have in common in different orders, so they must be aligned by identifier. Numbers are numbers, dates are ISO text,
 * identifiers are text (or whole numbers, if the column is numeric); nothing is null. Column names are matched without
 * regard to case. Labels depend on the features of all parties, and on chance.
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

/** Whom a dataset tells of, in the order of its rows. */
export function membersOfDataset(world: World, dataset: Dataset): readonly number[] {
  return membersOf(populationOf(world), tableKeyOf(dataset), rowCountOf(dataset));
}

/** A column's values in the order of the rows. */
export function valuesByPerson(world: World, dataset: Dataset, columnName: string): readonly Cell[] {
  const values = valuesOf(populationOf(world), dataset, columnOf(dataset, columnName), tableKeyOf(dataset));
  return membersOfDataset(world, dataset).map((person) => values[person] ?? null);
}

/** A dataset was asked for a column that it, or the table behind it, does not have. */
export class MissingColumnError extends Error {
  override name = 'MissingColumn';
}

/** A column by its name, else by its name in another case: files may have columns that differ in case only. */
export function columnNamed(columns: readonly DatasetColumn[], wanted: string): DatasetColumn | undefined {
  return columns.find(({ name }) => name === wanted) ?? columns.find(({ name }) => equalsIgnoreCase(name, wanted));
}

function columnOf({ name, columns, extraColumns }: Dataset, wanted: string): DatasetColumn {
  const column = columnNamed([...columns, ...extraColumns], wanted);
  if (!column) throw new MissingColumnError(`dataset ${name} has no column ${wanted}`);
  return column;
}

/** How many rows there are behind a dataset: what it says, up to a few thousand; its record count tells of the full table. */
export function rowCountOf({ recordCount }: Dataset): number {
  return recordCount > 0 ? Math.min(recordCount, defaultRowCount) : defaultRowCount;
}

function tableNameOf({ table, name }: Dataset): string {
  return table ? `${table.schema}.${table.name}` : name;
}

/** What tells one table or file from another: datasets registered upon the same table have the same rows. */
function tableKeyOf({ connectorId, table, file, name }: Dataset): string {
  return table
    ? `${connectorId}/${table.schema}/${table.name}`.toLowerCase()
    : `${connectorId}/${file?.dataPath ?? name}`;
}
