import { equalsIgnoreCase } from '../model/names.ts';
import type { Dataset, DatasetColumn, World } from '../model/world.ts';
import { parseStatement } from './statement.ts';
import { StatementError } from './errors.ts';
import type { Catalogue } from './catalogue.ts';
import { engineOf } from './engine.ts';

/** A table named as `ALIAS.DATASET`, with its alias in the statement. */
interface TableReference {
  readonly partnerAlias: string;
  readonly name: string;
  readonly alias: string;
}

/** A column; `*` for all columns. */
interface ColumnReference {
  readonly qualifiers: readonly string[];
  readonly name: string;
}

/** The tables and columns that a statement names. */
export interface References {
  readonly tables: readonly TableReference[];
  readonly columns: readonly ColumnReference[];
}

/** @throws {StatementError} when the statement is not one SELECT. */
export async function referencesIn(world: World, sql: string): Promise<References> {
  const tables: TableReference[] = [];
  const columns: ColumnReference[] = [];
  collect((await parseStatement(engineOf(world), sql)).node, tables, columns);
  return { tables, columns };
}

/** Walks the tree. Tables without a schema are common table expressions. */
function collect(node: unknown, tables: TableReference[], columns: ColumnReference[]): void {
  if (Array.isArray(node)) {
    for (const item of node) collect(item, tables, columns);
    return;
  }
  if (typeof node !== 'object' || node === null) return;
  const part = node as Readonly<Record<string, unknown>>;
  if (part.type === 'BASE_TABLE' && typeof part.schema_name === 'string' && part.schema_name !== '') {
    tables.push({ partnerAlias: part.schema_name, name: String(part.table_name), alias: String(part.alias) });
  }
  if (part.class === 'COLUMN_REF' && Array.isArray(part.column_names)) {
    const names = part.column_names.map(String);
    columns.push({ qualifiers: names.slice(0, -1), name: names.at(-1) ?? '' });
  }
  if (part.class === 'STAR') {
    const table = String(part.relation_name);
    columns.push({ qualifiers: table === '' ? [] : [table], name: '*' });
  }
  if (Array.isArray(part.using_columns)) {
    columns.push(...part.using_columns.map((name) => ({ qualifiers: [], name: String(name) })));
  }
  for (const held of Object.values(part)) collect(held, tables, columns);
}

/** Resolves the tables of a statement. */
export function resolveDatasets(
  catalogue: Catalogue,
  { tables }: References,
): { readonly datasets: readonly Dataset[]; readonly unresolved: readonly TableReference[] } {
  const datasets = new Set<Dataset>();
  const unresolved: TableReference[] = [];
  for (const table of tables) {
    try {
      datasets.add(catalogue.find(table.partnerAlias, table.name));
    } catch (error) {
      if (!(error instanceof StatementError)) throw error;
      unresolved.push(table);
    }
  }
  return { datasets: [...datasets], unresolved };
}

/** The columns of a dataset that a statement names, directly or by `*`. */
export function namedColumns({ name, columns }: Dataset, references: References): readonly DatasetColumn[] {
  const keys = references.tables
    .filter((table) => equalsIgnoreCase(table.name, name))
    .map((table) => table.alias || table.name);
  const concerns = ({ qualifiers }: ColumnReference): boolean => {
    const qualifier = qualifiers.at(-1);
    return qualifier === undefined || keys.some((key) => equalsIgnoreCase(key, qualifier));
  };
  const own = references.columns.filter(concerns);
  return columns.filter((column) => own.some((used) => used.name === '*' || equalsIgnoreCase(used.name, column.name)));
}
