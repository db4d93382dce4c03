import { GatewayError } from '../../errors.ts';
import { quoted, schemas } from '../model/ddl.ts';
import { tables } from '../model/tables.ts';
import { tableNames, type Row, type TableName } from '../model/types.ts';
import type { Store } from '../store/store.ts';
import { noLeague } from './dimensions.ts';

/** How fresh a table is in one league. */
export interface Freshness {
  /** When the read began that it shows; null before the first. */
  readonly asOf: string | null;
  readonly attemptedAt: string | null;
  readonly errorCode: string | null;
  readonly error: string | null;
  readonly pendingDays: number | null;
}

const unknown: Freshness = { asOf: null, attemptedAt: null, errorCode: null, error: null, pendingDays: null };

/** Knows how fresh each table is in each league, and keeps it in `sync_status`. */
export interface FreshnessBook {
  readonly of: (table: TableName, leagueId: string) => Freshness;
  /** Runs a read, and notes when it began or why it failed. Answers undefined where it failed. */
  readonly during: <Answer>(
    on: readonly TableName[],
    leagueId: string,
    read: () => Promise<Answer>,
  ) => Promise<Answer | undefined>;
  readonly note: (table: TableName, leagueId: string, change: Partial<Freshness>) => void;
  /** The state that an answer from a table shows: the oldest of the leagues. Null before the first read. */
  readonly asOf: (table: TableName, leagues: 'ALL' | readonly string[]) => string | null;
  /** Reads what another process has noted. */
  readonly reload: () => Promise<void>;
  /** Writes what was noted since. */
  readonly save: () => Promise<void>;
}

/** Tables that are filled along with another one. */
const filledWith: Partial<Record<TableName, TableName>> = { job_instance_status_event: 'job_instance' };

/**
 * Reads what a store knew when it was closed.
 *
 * @param onFailure - is told of reads that failed; one that answers false says that nobody is to know, as while closing
 */
export async function openFreshness(
  store: Store,
  onFailure: (error: unknown, on: { readonly tables: readonly TableName[]; readonly leagueId: string }) => boolean,
): Promise<FreshnessBook> {
  const known = new Map<string, Freshness & { readonly table: TableName; readonly leagueId: string }>();
  const keyOf = (table: TableName, leagueId: string): string => `${table}/${leagueId}`;
  const text = (value: unknown): string | null => (typeof value === 'string' ? value : null);
  const reload = async (): Promise<void> => {
    const statement = { text: `SELECT * FROM ${schemas.current}.${quoted('sync_status')}`, values: [] };
    for (const row of await store.all(statement)) {
      const [table, leagueId] = [String(row['table_name']) as TableName, String(row['league_id'])];
      const asOf = text(row['as_of']);
      known.set(keyOf(table, leagueId), { ...unknown, table, leagueId, asOf });
    }
    isDirty = false;
  };
  let isDirty = false;
  await reload();

  const note: FreshnessBook['note'] = (table, leagueId, change) => {
    const key = keyOf(table, leagueId);
    known.set(key, { ...unknown, ...known.get(key), table, leagueId, ...change });
    isDirty = true;
  };

  const figures = async (): Promise<ReadonlyMap<string, Row>> => {
    const found = new Map<string, Row>();
    for (const name of tableNames) {
      const { leagueColumn } = tables[name];
      const league =
        leagueColumn === undefined || name === 'league' || name === 'agent' ? `'${noLeague}'` : quoted(leagueColumn);
      const rows = await store.all({
        text: `SELECT ${league} AS league, count(*) FILTER (WHERE deleted_at IS NULL) AS row_count, max(updated_at) AS watermark FROM ${schemas.current}.${quoted(name)} GROUP BY 1`,
        values: [],
      });
      for (const { league: of, ...row } of rows) found.set(keyOf(name, String(of)), row);
    }
    return found;
  };

  return {
    of: (table, leagueId) => known.get(keyOf(filledWith[table] ?? table, leagueId)) ?? unknown,
    note,
    during: async (on, leagueId, read) => {
      const attemptedAt = new Date().toISOString();
      try {
        const answer = await read();
        for (const table of on) note(table, leagueId, { asOf: attemptedAt, attemptedAt, errorCode: null, error: null });
        return answer;
      } catch (failure) {
        if (!onFailure(failure, { tables: on, leagueId })) return undefined;
        const isKnown = failure instanceof GatewayError;
        const errorCode = isKnown ? failure.code : 'INTERNAL_ERROR';
        const error = isKnown ? failure.message : 'The refresh failed; the log says why.';
        for (const table of on) note(table, leagueId, { attemptedAt, errorCode, error });
        return undefined;
      }
    },
    asOf: (table, leagues) => {
      const name = filledWith[table] ?? table;
      const seen = [...known.values()].filter(
        (freshness) =>
          freshness.table === name &&
          (leagues === 'ALL' || freshness.leagueId === noLeague || leagues.includes(freshness.leagueId)),
      );
      const times = seen.map(({ asOf }) => asOf).filter((asOf) => asOf !== null);
      return times.length === 0 ? null : times.reduce((one, other) => (one < other ? one : other));
    },
    reload,
    save: async () => {
      if (!isDirty) return;
      isDirty = false;
      const found = await figures();
      const rows = [...known.entries()].map(([id, { table, leagueId, ...freshness }]): Row => ({
        id,
        table_name: table,
        league_id: leagueId,
        ...{ row_count: 0n, watermark: null },
        ...found.get(id),
        as_of: freshness.asOf,
        attempted_at: freshness.attemptedAt,
        error_code: freshness.errorCode,
        error: freshness.error,
        pending_days: freshness.pendingDays === null ? null : BigInt(freshness.pendingDays),
        created_at: new Date().toISOString(),
      }));
      await store.write([{ table: tables.sync_status, rows, mode: 'UPSERT' }]);
    },
  };
}
