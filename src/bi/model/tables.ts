import { dimensions } from './dimensions.ts';
import { facts } from './facts.ts';
import type { Table, TableName } from './types.ts';

/**
 * The registry of tables. DDL, `$metadata`, feeds, GraphQL types, the page and the documents are made from it. Within `v1`
 * it only grows: test/bi/model.test.ts compares it with what was published.
 */
export const tables = Object.fromEntries([...dimensions, ...facts].map((table) => [table.name, table])) as Readonly<
  Record<TableName, Table>
>;

/** A table by a name that a reader wrote. */
export function tableNamed(name: string): Table | undefined {
  return Object.hasOwn(tables, name) ? tables[name as TableName] : undefined;
}

/** Columns that are stored. */
export function storedColumns(table: Table): readonly string[] {
  return Object.keys(table.columns).filter((name) => table.columns[name]?.computed === undefined);
}
