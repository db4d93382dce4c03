import { quoted, schemas } from '../model/ddl.ts';
import { tables } from '../model/tables.ts';
import type { TableName } from '../model/types.ts';
import type { Store, TableChange } from '../store/store.ts';

/**
 * Marks rows as deleted that two complete reads of their list did not hold: one read may be short without saying so, and its
 * records shift while it runs.
 */
export interface Deletions {
  /**
   * Takes a complete read of a league's rows of a table.
   *
   * @param ids - keys of all rows that the list holds
   * @param among - narrows what may be gone, as SQL over the row; rows that came after the read began are never
   */
  readonly missing: (
    read: {
      readonly table: TableName;
      readonly leagueId: string;
      readonly ids: ReadonlySet<string>;
      readonly readAt: string;
    },
    among?: string,
  ) => Promise<readonly TableChange[]>;
  /** Rows were missing once and wait to be missed again. */
  readonly areWaiting: (table: TableName, leagueId: string) => boolean;
}

/** @param confirmMs - a row is gone when it is missed again so long after the first time */
export function createDeletions(store: Store, confirmMs: number, now: () => number = Date.now): Deletions {
  const missed = new Map<string, Map<string, number>>();
  const scopeOf = (table: TableName, leagueId: string): string => `${table}/${leagueId}`;
  return {
    missing: async ({ table: name, leagueId, ids, readAt }, among = '') => {
      const table = tables[name];
      const league = table.leagueColumn === undefined ? '' : ` AND ${quoted(table.leagueColumn)} = $1`;
      const known = await store.all({
        text: `SELECT ${quoted(table.key)} AS key, updated_at FROM ${schemas.current}.${quoted(name)} WHERE deleted_at IS NULL${leagueId === '*' ? '' : league}${among && ` AND (${among})`}`,
        values: leagueId === '*' ? [] : [leagueId],
      });
      const before = missed.get(scopeOf(name, leagueId)) ?? new Map<string, number>();
      const after = new Map<string, number>();
      const gone: string[] = [];
      for (const { key, updated_at: updatedAt } of known) {
        const id = String(key);
        if (ids.has(id) || String(updatedAt) >= readAt) continue;
        const sinceMs = before.get(id);
        if (sinceMs !== undefined && now() - sinceMs >= confirmMs) gone.push(id);
        else after.set(id, sinceMs ?? now());
      }
      missed.set(scopeOf(name, leagueId), after);
      return gone.length === 0 ? [] : [{ table, rows: gone.map((id) => ({ [table.key]: id })), mode: 'DELETE' }];
    },
    areWaiting: (table, leagueId) => (missed.get(scopeOf(table, leagueId))?.size ?? 0) > 0,
  };
}
