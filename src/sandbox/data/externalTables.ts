import { tableTemplates } from './columnTemplates.ts';
import type { Dataset, DatasetColumn } from '../model/world.ts';

/** Columns of well-known external tables. Other tables have whatever columns are declared. */
const knownTables: readonly { readonly name: RegExp; readonly columns: readonly string[] }[] = [
  ...tableTemplates.map(({ schema, name, columns }) => ({
    name: new RegExp(`^${schema}\\.t_${name}_\\d+$`, 'i'),
    columns: columns.map((column) => column.name),
  })),
  // The table of the reference's walk-through (5.2).
  { name: /^demo1\.dim_enterprise$/i, columns: ['CREDIT_NO', 'ENT_NAME', 'INDUSTRY', 'PROVINCE', 'STAFF_NUM'] },
];

/** Declared columns that a well-known table does not have. */
export function missingColumns({ table }: Dataset, columns: readonly DatasetColumn[]): string[] {
  if (!table) return [];
  const known = knownTables.find(({ name }) => name.test(`${table.schema}.${table.name}`));
  if (!known) return [];
  return columns.map(({ name }) => name).filter((name) => !known.columns.includes(name.toUpperCase()));
}
