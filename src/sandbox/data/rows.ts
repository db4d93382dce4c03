import type { Dataset, DatasetColumn, World } from '../model/world.ts';
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
// Nothing is awaited yet; rows of a real source could only be promised.
// eslint-disable-next-line @typescript-eslint/require-await
export async function rowsOf(
  world: World,
  dataset: Dataset,
  columnNames: readonly string[],
): Promise<readonly (readonly Cell[])[]> {
  const wanted = columnNames.map((name) => columnOf(dataset, name));
  const absent = missingColumns(dataset, wanted);
  if (absent.length > 0)
    throw new MissingColumnError(`table ${tableNameOf(dataset)} has no column ${absent.join(', ')}`);
  const population = populationOf(world);
  const key = tableKeyOf(dataset);
  const members = membersOf(population, key, rowCountOf(dataset));
  const columns = wanted.map((column) => valuesOf(population, dataset, column, key));
  return members.map((person) => columns.map((values) => values[person] ?? null));
}

/** A dataset was asked for a column that it, or the table behind it, does not have. */
export class MissingColumnError extends Error {
  override name = 'MissingColumn';
}

function columnOf({ name, columns, extraColumns }: Dataset, wanted: string): DatasetColumn {
  const upperCase = wanted.toUpperCase();
  const column = [...columns, ...extraColumns].find((candidate) => candidate.name.toUpperCase() === upperCase);
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
