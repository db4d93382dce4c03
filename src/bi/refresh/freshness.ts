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

interface TableFreshness extends Freshness {
  readonly table: TableName;
  readonly leagueId: string;
}

/** What a read refreshes. */
export interface ReadTarget {
  readonly tables: readonly TableName[];
  readonly leagueId: string;
}

/** Tables that are filled along with another one. */
const filledWith: Partial<Record<TableName, TableName>> = { job_instance_status_event: 'job_instance' };

function keyOf(table: TableName, leagueId: string): string {
  return `${table}/${leagueId}`;
}

/** How fresh each table is in each league, kept in `sync_status`. */
export class FreshnessBook {
  readonly #store: Store;
  readonly #onFailure: (error: unknown, target: ReadTarget) => boolean;
  readonly #known = new Map<string, TableFreshness>();
  /** Keys in `sync_status` of leagues that are not kept any more. */
  readonly #gone = new Set<string>();
  #isDirty = false;

  private constructor(store: Store, onFailure: (error: unknown, target: ReadTarget) => boolean) {
    this.#store = store;
    this.#onFailure = onFailure;
  }

  /**
   * Reads the state in which the store was closed.
   *
   * @param onFailure - called when a read fails; false keeps the failure out of the table, as while closing
   */
  static async open(store: Store, onFailure: (error: unknown, target: ReadTarget) => boolean): Promise<FreshnessBook> {
    const book = new FreshnessBook(store, onFailure);
    await book.reload();
    return book;
  }

  of(table: TableName, leagueId: string): Freshness {
    return this.#known.get(keyOf(filledWith[table] ?? table, leagueId)) ?? unknown;
  }

  /** The state that an answer from a table shows: the oldest of the leagues. Null before the first read. */
  asOf(table: TableName, leagues: 'ALL' | readonly string[]): string | null {
    const name = filledWith[table] ?? table;
    const isOf = (leagueId: string): boolean =>
      leagues === 'ALL' || leagueId === noLeague || leagues.includes(leagueId);
    return [...this.#known.values()]
      .filter((freshness) => freshness.table === name && isOf(freshness.leagueId))
      .map(({ asOf }) => asOf)
      .filter((asOf) => asOf !== null)
      .reduce<string | null>((oldest, asOf) => (oldest === null || asOf < oldest ? asOf : oldest), null);
  }

  note(table: TableName, leagueId: string, change: Partial<Freshness>): void {
    const key = keyOf(table, leagueId);
    this.#known.set(key, { ...unknown, ...this.#known.get(key), table, leagueId, ...change });
    this.#isDirty = true;
  }

  /** Forgets all other leagues: answers are not as old as they are. A league that comes back is read as a new one. */
  keepLeagues(leagues: readonly string[]): void {
    for (const [key, { leagueId }] of this.#known) {
      if (leagueId === noLeague || leagues.includes(leagueId)) continue;
      this.#known.delete(key);
      this.#gone.add(key);
      this.#isDirty = true;
    }
  }

  /** Runs a read, and notes when it began or why it failed. Answers undefined where it failed. */
  async during<Answer>(
    tables: readonly TableName[],
    leagueId: string,
    read: () => Promise<Answer>,
  ): Promise<Answer | undefined> {
    const attemptedAt = new Date().toISOString();
    const noteAll = (change: Partial<Freshness>): void =>
      tables.forEach((table) => this.note(table, leagueId, { attemptedAt, ...change }));
    try {
      const answer = await read();
      noteAll({ asOf: attemptedAt, errorCode: null, error: null });
      return answer;
    } catch (error) {
      if (this.#onFailure(error, { tables, leagueId })) noteAll(failureOf(error));
      return undefined;
    }
  }

  /** Reads what another process has saved. */
  async reload(): Promise<void> {
    const statement = {
      text: `SELECT * FROM ${schemas.current}.${quoted('sync_status')} WHERE deleted_at IS NULL`,
      values: [],
    };
    for (const row of await this.#store.all(statement)) {
      const [table, leagueId] = [String(row['table_name']) as TableName, String(row['league_id'])];
      const asOf = typeof row['as_of'] === 'string' ? row['as_of'] : null;
      this.#known.set(keyOf(table, leagueId), { ...unknown, table, leagueId, asOf });
    }
    this.#isDirty = false;
  }

  /** Writes what was noted since the last save. */
  async save(): Promise<void> {
    if (!this.#isDirty) return;
    this.#isDirty = false;
    const figures = await figuresOf(this.#store);
    const rows = [...this.#known].map(([key, freshness]) => statusRow(key, freshness, figures.get(key)));
    const gone = [...this.#gone].filter((key) => !this.#known.has(key)).map((id) => ({ id }));
    await this.#store.write([
      { table: tables.sync_status, rows, mode: 'UPSERT' },
      { table: tables.sync_status, rows: gone, mode: 'DELETE' },
    ]);
    this.#gone.clear();
  }
}

function failureOf(error: unknown): Partial<Freshness> {
  return error instanceof GatewayError
    ? { errorCode: error.code, error: error.message }
    : { errorCode: 'INTERNAL_ERROR', error: 'The refresh failed; the log says why.' };
}

/** Rows and newest change of each table in each league. */
async function figuresOf(store: Store): Promise<ReadonlyMap<string, Row>> {
  const figures = new Map<string, Row>();
  for (const name of tableNames) {
    const { leagueColumn } = tables[name];
    const league =
      leagueColumn === undefined || name === 'league' || name === 'agent' ? `'${noLeague}'` : quoted(leagueColumn);
    const rows = await store.all({
      text: `SELECT ${league} AS league, count(*) FILTER (WHERE deleted_at IS NULL) AS row_count, max(updated_at) AS watermark FROM ${schemas.current}.${quoted(name)} GROUP BY 1`,
      values: [],
    });
    for (const { league: leagueId, ...row } of rows) figures.set(keyOf(name, String(leagueId)), row);
  }
  return figures;
}

function statusRow(id: string, { table, leagueId, ...freshness }: TableFreshness, figures: Row | undefined): Row {
  return {
    id,
    table_name: table,
    league_id: leagueId,
    row_count: 0n,
    watermark: null,
    ...figures,
    as_of: freshness.asOf,
    attempted_at: freshness.attemptedAt,
    error_code: freshness.errorCode,
    error: freshness.error,
    pending_days: freshness.pendingDays === null ? null : BigInt(freshness.pendingDays),
    created_at: new Date().toISOString(),
  };
}
