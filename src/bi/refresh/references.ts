import { tables } from '../model/tables.ts';
import type { Row, TableName } from '../model/types.ts';
import type { TableChange } from '../store/store.ts';
import { datesChange } from './calendar.ts';

/** What a row tells of what it refers to, by the column that does. */
const namesOf: Readonly<Record<string, string>> = { job_id: 'job_name' };

/** A row for what is referred to before its own list has told it, or after it is gone from there. */
function standIn(table: TableName, id: string, referring: Row, column: string): Row {
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

/** Tables that get stand-ins; a run is always written before what refers to it. */
const standInTables: readonly TableName[] = ['league', 'partner', 'agent', 'dataset', 'job'];

/** Changes that must come before others, so that every reference of theirs leads to a row. */
export function referencesOf(changes: readonly TableChange[]): readonly TableChange[] {
  const days: string[] = [];
  const found = new Map<TableName, Map<string, Row>>();
  for (const { table, rows, mode } of changes) {
    if (mode === 'DELETE') continue;
    for (const [column, { references }] of Object.entries(table.columns)) {
      if (references === undefined) continue;
      for (const row of rows) {
        const id = row[column];
        if (typeof id !== 'string') continue;
        if (references === 'date') days.push(id);
        else if (standInTables.includes(references)) {
          const known = found.get(references) ?? new Map<string, Row>();
          if (!known.has(id)) known.set(id, standIn(references, id, row, column));
          found.set(references, known);
        }
      }
    }
  }
  const standIns = standInTables.flatMap((name): readonly TableChange[] => {
    const rows = found.get(name);
    return rows === undefined ? [] : [{ table: tables[name], rows: [...rows.values()], mode: 'INSERT' }];
  });
  return [datesChange(days), ...standIns];
}
