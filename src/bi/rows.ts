import { GatewayError } from '../errors.ts';
import type { Reader } from './access.ts';
import { tables as registry } from './model/tables.ts';
import type { Row, TableName } from './model/types.ts';
import type { Parameters } from './query/compile.ts';
import { QueryError, type Expression } from './query/expression.ts';
import { filtered, rowsOf, type Order } from './query/relation.ts';
import { countRows, encodeCursor, narrowed, placeOf, readRows, scopeFor, type Tables } from './reading.ts';

/** A page of a table: the newest rows first. */
export interface RowsQuery {
  readonly table: TableName;
  readonly where: Expression | undefined;
  readonly first: number;
  /** The cursor of a row; the page stays on the snapshot that the walk began with. */
  readonly after: string | undefined;
  /** Older rows are refreshed first, within the limits of the server. */
  readonly maxStalenessMs: number | undefined;
}

/** What a page holds. */
export interface RowsPage {
  readonly rows: readonly Row[];
  readonly cursorOf: (row: Row) => string;
  readonly hasNext: boolean;
  /** The state of the service that the rows show, ISO 8601. */
  readonly asOf: string;
  /** Rows of the whole list. */
  readonly count: () => Promise<bigint>;
}

/**
 * Reads a page of a table.
 *
 * @throws GatewayError INVALID_CURSOR, INVALID_ARGUMENT, TABLES_UNAVAILABLE
 */
export type ReadRows = (query: RowsQuery, reader: Pick<Reader, 'leagues'>, signal: AbortSignal) => Promise<RowsPage>;

/** By the day or instant of the row, then by its key, so that no two are alike. */
function orderOf({ timeColumn, key }: (typeof registry)[TableName]): readonly Order[] {
  return [...new Set([timeColumn, key])].map((column, index) => ({ column, descending: index === 0 }));
}

/** @throws GatewayError for what is wrong with a query, in the codes of GraphQL */
function refuse(error: unknown, hasCursor: boolean): never {
  if (!(error instanceof QueryError)) throw error;
  if (error.reason === 'LIMIT') throw new GatewayError('QUERY_LIMIT', error.message);
  const isCursor = error.reason === 'GONE' || hasCursor;
  throw new GatewayError(isCursor ? 'INVALID_CURSOR' : 'INVALID_ARGUMENT', error.message);
}

/** Reads pages of tables for GraphQL, over the same rows as every other surface. */
export function createRowsReader(tables: Tables): ReadRows {
  const read: ReadRows = async ({ table: name, where, first, after, maxStalenessMs }, { leagues }, signal) => {
    const table = registry[name];
    const order = orderOf(table);
    const types = order.map(({ column }) => table.columns[column]?.type ?? 'text');
    const place = after === undefined ? undefined : placeOf(after, table, types);
    const scope = await scopeFor(tables, table, { leagues, maxStalenessMs, signal }, place);
    const relation = (parameters: Parameters) => {
      const rows = rowsOf(table, scope, parameters);
      return where === undefined ? rows : filtered(rows, where, parameters);
    };
    const slice = { columns: Object.keys(table.columns), order, after: place?.after, limit: first + 1 };
    const found = await readRows(tables, relation, await narrowed(tables, relation, slice, signal), signal);
    return {
      rows: found.slice(0, first),
      cursorOf: (row) =>
        encodeCursor({ ...scope, table: name, after: order.map(({ column }) => row[column] ?? null), more: {} }),
      hasNext: found.length > first,
      asOf: scope.asOf,
      count: () => countRows(tables, relation, signal).catch((error: unknown) => refuse(error, false)),
    };
  };

  return async (query, reader, signal) => {
    try {
      return await read(query, reader, signal);
    } catch (error) {
      return refuse(error, query.after !== undefined);
    }
  };
}
