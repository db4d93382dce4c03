import type { DuckDBConnection, DuckDBInstance, DuckDBValue } from '@duckdb/node-api';
import type { Dataset, World } from '../model/world.ts';
import { engineTableOf } from './analysis.ts';
import { Yielding } from '../model/yielding.ts';
import { StatementError } from './errors.ts';
import { statementErrorOf } from './engineErrors.ts';
import { engineNamesOf } from './rowId.ts';
import { rowsOf } from '../data/rows.ts';
import { columnTypeOf } from '../data/columnTypes.ts';

export interface StatementResult {
  /** The first rows. */
  readonly rows: readonly (readonly (string | null)[])[];
  readonly rowCount: number;
}

const timeoutMs = 20_000;

/**
 * In-memory databases: a schema per agent, a table per dataset, created on first use. External access and settings are
 * locked.
 */
export class Engine {
  readonly #world: World;
  readonly #database: Promise<DuckDBInstance>;
  readonly #tables = new Map<string, { readonly version: string; readonly made: Promise<void> }>();

  constructor(world: World) {
    this.#world = world;
    this.#database = openDatabase();
  }

  /** Runs a query that returns one text. */
  async queryText(sql: string, parameter: string): Promise<string> {
    return this.#connected(async (connection) => {
      try {
        const result = await connection.runAndReadAll(sql, [parameter]);
        return String(result.getRows()[0]?.[0]);
      } catch (error) {
        throw statementErrorOf(error);
      }
    });
  }

  /** Creates a dataset's table unless it is up to date. */
  loadTable(dataset: Dataset): Promise<void> {
    const { columns, table, file, recordCount, connectorId } = dataset;
    const version = JSON.stringify({ columns, table, file, recordCount, connectorId });
    const known = this.#tables.get(dataset.id);
    if (known?.version === version) return known.made;
    const made = (known?.made ?? Promise.resolve()).catch(() => undefined).then(() => this.#make(dataset));
    this.#tables.set(dataset.id, { version, made });
    return made;
  }

  /** Runs a SELECT in the engine's dialect. */
  run(sql: string, signal: AbortSignal, sampleSize: number): Promise<StatementResult> {
    return this.#connected(async (connection) => {
      const deadline = AbortSignal.timeout(timeoutMs);
      const stop = (): void => connection.interrupt();
      const signals = [signal, deadline];
      for (const each of signals) each.addEventListener('abort', stop, { once: true });
      try {
        signal.throwIfAborted();
        const result = await connection.stream(sql);
        const rows: (string | null)[][] = [];
        let rowCount = 0;
        for (let chunk = await result.fetchChunk(); chunk && chunk.rowCount > 0; chunk = await result.fetchChunk()) {
          for (const each of signals) each.throwIfAborted();
          if (rows.length < sampleSize) rows.push(...chunk.getRows().map((row) => row.map(textOf)));
          rowCount += chunk.rowCount;
        }
        return { rows: rows.slice(0, sampleSize), rowCount };
      } catch (error) {
        signal.throwIfAborted();
        if (deadline.aborted) throw new StatementError(`the statement took longer than ${timeoutMs / 1000} s`);
        throw statementErrorOf(error);
      } finally {
        for (const each of signals) each.removeEventListener('abort', stop);
      }
    });
  }

  async #make(dataset: Dataset): Promise<void> {
    const yielding = new Yielding(new AbortController().signal);
    const rows = await rowsOf(
      this.#world,
      dataset,
      dataset.columns.map(({ name }) => name),
      yielding,
    );
    const values: string[] = [];
    for (const index of dataset.columns.keys()) {
      values.push(JSON.stringify(rows.map((row) => row[index] ?? null)));
      await yielding.yieldIfDue();
    }
    const { schema, table } = engineTableOf(dataset);
    const names = engineNamesOf(dataset.columns);
    const list = dataset.columns.map((_, index) => `$${index + 1}::JSON AS c${index}`);
    const cells = dataset.columns.map((_, index) => `unnest(from_json(c${index}, '["VARCHAR"]')) AS c${index}`);
    const columns = dataset.columns.map(
      (column, index) => `c${index}::${typeOf(column)} AS ${quoted(names[index] ?? column.name)}`,
    );
    await this.#connected(async (connection) => {
      await connection.run(`CREATE SCHEMA IF NOT EXISTS ${quoted(schema)}`);
      await connection.run(
        `CREATE OR REPLACE TABLE ${quoted(schema)}.${quoted(table)} AS
          SELECT ${columns.join(', ')} FROM (SELECT ${cells.join(', ')} FROM (SELECT ${list.join(', ')}))`,
        values,
      );
    });
  }

  async #connected<T>(use: (connection: DuckDBConnection) => Promise<T>): Promise<T> {
    const connection = await (await this.#database).connect();
    try {
      return await use(connection);
    } finally {
      connection.closeSync();
    }
  }
}

/** Imported on first use: the engine is large, and many sandboxes never run SQL. */
async function openDatabase(): Promise<DuckDBInstance> {
  const { DuckDBInstance: Instance } = await import('@duckdb/node-api');
  return Instance.create(':memory:', {
    threads: '1',
    memory_limit: '512MB',
    max_temp_directory_size: '0KB',
    enable_external_access: 'false',
    autoinstall_known_extensions: 'false',
    autoload_known_extensions: 'false',
    allow_community_extensions: 'false',
    // Division by zero is NULL, as MySQL and Spark have it.
    ieee_floating_point_ops: 'false',
    lock_configuration: 'true',
  });
}

const engines = new WeakMap<World, Engine>();

export function engineOf(world: World): Engine {
  const engine = engines.get(world) ?? new Engine(world);
  engines.set(world, engine);
  return engine;
}

function quoted(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}

function typeOf(column: Dataset['columns'][number]): string {
  const { kind, precision, scale } = columnTypeOf(column);
  switch (kind) {
    case 'text':
      return 'VARCHAR';
    case 'bytes':
      return 'BLOB';
    case 'integer':
      return 'BIGINT';
    case 'double':
      return 'DOUBLE';
    case 'decimal':
      return `DECIMAL(${precision}, ${scale})`;
    case 'date':
      return 'DATE';
    case 'timestamp':
      return 'TIMESTAMP';
    case 'time':
      return 'TIME';
    case 'boolean':
      return 'BOOLEAN';
  }
}

/** Engine values print themselves: ISO dates, all digits of decimals. */
function textOf(value: DuckDBValue): string | null {
  return value === null ? null : value.toString();
}
