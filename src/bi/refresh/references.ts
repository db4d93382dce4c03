import { tables } from '../model/tables.ts';
import type { Row, TableName } from '../model/types.ts';
import type { Store, TableChange } from '../store/store.ts';
import { datesChange } from './calendar.ts';

/** What a row tells of what it refers to, by the column that does. */
const namesOf: Readonly<Record<string, string>> = { job_id: 'job_name' };

/** A placeholder for what is referred to before its own list has told it, or after it is gone from there. */
function placeholderOf(table: TableName, id: string, referring: Row, column: string): Row {
  const leagueId = referring['league_id'] ?? null;
  const ticsId = id.slice(id.indexOf('/') + 1);
  const common = { id, created_at: referring['created_at'] ?? null };
  const name = referring[namesOf[column] ?? ''] ?? null;
  switch (table) {
    case 'league':
      return common;
    case 'agent':
      return { ...common, league_id: leagueId };
    case 'partner':
      return { ...common, league_id: leagueId, account_name: ticsId };
    default:
      return { ...common, league_id: leagueId, tics_id: ticsId, name };
  }
}

/** Tables that get placeholders; a run is always written before what refers to it. */
const placeholderTables: readonly TableName[] = ['date', 'league', 'partner', 'agent', 'dataset', 'job'];

/** Writes changes together with what they refer to. */
export type WriteReferring = (changes: readonly TableChange[]) => Promise<ReadonlyMap<TableName, number>>;

/** Rows that changes refer to, by table and key; a day refers to nothing and has no row here. */
function referredTo(changes: readonly TableChange[]): ReadonlyMap<TableName, ReadonlyMap<string, Row>> {
  const found = new Map<TableName, Map<string, Row>>();
  for (const { table, rows, mode } of changes) {
    if (mode === 'DELETE') continue;
    for (const [column, { references }] of Object.entries(table.columns)) {
      if (references === undefined || !placeholderTables.includes(references)) continue;
      const known = found.get(references) ?? new Map<string, Row>();
      found.set(references, known);
      for (const row of rows) {
        const id = row[column];
        if (typeof id === 'string' && !known.has(id)) known.set(id, placeholderOf(references, id, row, column));
      }
    }
  }
  return found;
}

/** Every reference leads to a row: what is not known yet gets one in the same write. */
export function createReferringWrites(store: Store): WriteReferring {
  /** Keys that certainly have a row: rows are marked as deleted, never removed. */
  const certain = new Map<TableName, Set<string>>();
  return async (changes) => {
    const missing = [...referredTo(changes)].map(([name, rows]) => {
      const known = certain.get(name);
      return [name, [...rows].filter(([id]) => !known?.has(id))] as const;
    });
    const placeholders = missing.flatMap(([name, rows]): readonly TableChange[] =>
      rows.length === 0
        ? []
        : name === 'date'
          ? [datesChange(rows.map(([id]) => id))]
          : [{ table: tables[name], rows: rows.map(([, row]) => row), mode: 'INSERT' }],
    );
    const counts = await store.write([
      ...placeholderTables.flatMap((name) => placeholders.filter(({ table }) => table.name === name)),
      ...changes,
    ]);
    for (const [name, rows] of missing) {
      const known = certain.get(name) ?? new Set<string>();
      for (const [id] of rows) known.add(id);
      certain.set(name, known);
    }
    return counts;
  };
}
