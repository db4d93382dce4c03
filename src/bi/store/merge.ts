import { quoted, schemas } from '../model/ddl.ts';
import { storedColumns } from '../model/tables.ts';
import type { Row, Table } from '../model/types.ts';
import type { TableChange } from './store.ts';

/** Where the rows of a change wait to be merged. */
export const stage = quoted('bi_stage');

/** Columns of the stage: all that are stored, or those that an update or a deletion tells. */
export function stagedColumns({ table, rows, mode }: TableChange): readonly string[] {
  if (mode === 'DELETE') return [table.key];
  const all = storedColumns(table).filter((name) => name !== 'updated_at' && name !== 'deleted_at');
  const [first] = rows;
  return mode === 'UPDATE' && first !== undefined ? all.filter((name) => name in first) : all;
}

/** One row a key: the last one counts. */
export function distinctRows({ table, rows }: TableChange): readonly Row[] {
  return [...new Map(rows.map((row) => [row[table.key], row])).values()];
}

/** Changes of one table and mode that follow one another, as one. */
export function joined(changes: readonly TableChange[]): readonly TableChange[] {
  const kept = new Map<string, TableChange>();
  for (const change of changes) {
    if (change.rows.length === 0) continue;
    const name = `${change.table.name}/${change.mode}`;
    const before = kept.get(name);
    kept.set(name, before === undefined ? change : { ...before, rows: [...before.rows, ...change.rows] });
  }
  return [...kept.values()];
}

interface MergeSql {
  /** Keeps the versions that are about to be replaced. */
  readonly keep: string;
  /** Writes; answers the keys of the rows that changed. */
  readonly apply: readonly string[];
}

function isUpdatable({ columns, key }: Table, name: string): boolean {
  return name !== key && columns[name]?.immutable !== true;
}

/**
 * SQL that merges the stage into a table, the same on both engines. `$1` is the instant of the write.
 *
 * @param at - the instant, as an expression over `$1`
 */
export function mergeSql(change: TableChange, at: string): MergeSql {
  const { table, mode } = change;
  const current = `${schemas.current}.${quoted(table.name)}`;
  const past = `${schemas.past}.${quoted(table.name)}`;
  const isKey = `t.${quoted(table.key)} = s.${quoted(table.key)}`;
  const columns = stagedColumns(change);
  const updated = columns.filter((name) => isUpdatable(table, name));
  const differs = updated.map((name) => {
    const { keepsValue, filledOnce } = table.columns[name] ?? {};
    if (filledOnce) return `(t.${quoted(name)} IS NULL AND s.${quoted(name)} IS NOT NULL)`;
    const one = `s.${quoted(name)} IS DISTINCT FROM t.${quoted(name)}`;
    return keepsValue ? `(s.${quoted(name)} IS NOT NULL AND ${one})` : one;
  });
  const isChanged =
    mode === 'DELETE'
      ? 't.deleted_at IS NULL'
      : `(${[...differs, ...(mode === 'UPSERT' ? ['t.deleted_at IS NOT NULL'] : [])].join(' OR ') || 'FALSE'})`;
  const all = storedColumns(table);
  const names = all.map(quoted).join(', ');
  const keep = `INSERT INTO ${past} (${names}, replaced_at) SELECT ${all.map((name) => `t.${quoted(name)}`).join(', ')}, ${at} FROM ${current} t JOIN ${stage} s ON ${isKey} WHERE ${isChanged}`;
  const assignments = updated.map((name) => {
    const [staged, known] = [`s.${quoted(name)}`, `t.${quoted(name)}`];
    const { keepsValue, filledOnce } = table.columns[name] ?? {};
    if (filledOnce) return `${quoted(name)} = COALESCE(${known}, ${staged})`;
    return `${quoted(name)} = ${keepsValue ? `COALESCE(${staged}, ${known})` : staged}`;
  });
  const ending = mode === 'DELETE' ? [`deleted_at = ${at}`] : mode === 'UPSERT' ? ['deleted_at = NULL'] : [];
  const update = `UPDATE ${current} AS t SET ${[...assignments, ...ending, `updated_at = ${at}`].join(', ')} FROM ${stage} AS s WHERE ${isKey} AND ${isChanged}`;
  const insert = `INSERT INTO ${current} (${[...columns.map(quoted), 'updated_at'].join(', ')}) SELECT ${columns.map((name) => `s.${quoted(name)}`).join(', ')}, ${at} FROM ${stage} s WHERE NOT EXISTS (SELECT 1 FROM ${current} t WHERE ${isKey})`;
  if (mode === 'INSERT') return { keep: '', apply: [insert] };
  return { keep, apply: mode === 'UPSERT' ? [update, insert] : [update] };
}
