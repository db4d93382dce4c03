import type { FieldMap } from '@pothos/core';
import { tables } from '../../bi/model/tables.ts';
import { tableNames, type Row, type Table, type Value } from '../../bi/model/types.ts';
import type { RowsPage } from '../../bi/rows.ts';
import { GatewayError } from '../../errors.ts';
import { toAbortSignal } from '../../upstream/deadline.ts';
import type { Long } from '../../upstream/wire.ts';
import { builder } from '../builder.ts';
import type { Context } from '../context.ts';
import { connectionOf, pageArguments, rowsAskedFor, type Connection, type PageArguments } from '../shared/page.ts';
import { filterOf, scalars, whereOf, type RowFilter } from './conditions.ts';

/** `started_at` is `startedAt`. */
function camelCase(name: string): string {
  return name.replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase());
}

/** Keys are those of the tables, which global ids are not: `id` is `key`, `league_id` is `leagueKey`. */
function fieldOf(column: string): string {
  if (column === 'id') return 'key';
  return column === 'tics_id' ? 'ticsId' : camelCase(column.replace(/_id$/, '_key'));
}

/** Whole numbers of up to 64 bits as the scalar Long takes them. */
function longOf(value: bigint): Long {
  return Number.isSafeInteger(Number(value)) ? Number(value) : value.toString();
}

function shown(value: Value | undefined): string | Long | boolean | null {
  return typeof value === 'bigint' ? longOf(value) : (value ?? null);
}

interface RowsConnection extends Connection<Row> {
  readonly asOf: string;
}

function connectionTo({ rows, cursorOf, hasNext, asOf, count }: RowsPage, isLater: boolean): RowsConnection {
  return {
    nodes: rows,
    edges: () => rows.map((row) => ({ node: row, cursor: cursorOf(row) })),
    endCursor: () => {
      const last = rows.at(-1);
      return last === undefined ? null : cursorOf(last);
    },
    hasNextPage: hasNext,
    hasPreviousPage: isLater,
    countAll: async () => longOf(await count()),
    asOf,
  };
}

interface RowsArguments extends PageArguments {
  readonly filter?: RowFilter | null | undefined;
  readonly maxStaleness?: number | null | undefined;
}

/** @throws GatewayError INVALID_ARGUMENT, or what reading rows throws */
async function readPage(table: Table, args: RowsArguments, context: Context): Promise<RowsConnection> {
  const { filter, maxStaleness, after } = args;
  if (typeof maxStaleness === 'number' && maxStaleness < 0)
    throw new GatewayError('INVALID_ARGUMENT', 'maxStaleness: at least 0.');
  const { caller, operation, readRows } = context;
  const page = await readRows(
    {
      table: table.name,
      where: whereOf(table, filter, fieldOf),
      // One more than a result may hold is refused there.
      first: Math.min(rowsAskedFor(args), operation.result.limits.objects),
      after: after ?? undefined,
      maxStalenessMs: typeof maxStaleness === 'number' ? maxStaleness * 1000 : undefined,
    },
    caller,
    toAbortSignal(operation.deadline.signal),
  );
  return connectionTo(page, typeof after === 'string');
}

/** The type of a table's rows, and the field of the query that pages through them. */
function addRows(table: Table): void {
  const name = `${camelCase(`_${table.name}`)}Row`;
  const RowRef = builder.objectRef<Row>(name).implement({
    description: `${table.description.en} A row of the table \`${table.name}\` for BI tools.`,
    fields: (t): FieldMap =>
      Object.fromEntries(
        Object.entries(table.columns).map(([column, { type, nullable, description }]) => [
          fieldOf(column),
          t.field({
            type: scalars[type],
            nullable,
            description: `${description.en} ${description.zh}`,
            resolve: (row) => shown(row[column]) as never,
          }),
        ]),
      ),
  });
  const RowConnection = connectionOf<Row, RowsConnection>(name, RowRef, `rows of \`${table.name}\``, (t) => ({
    asOf: t.expose('asOf', {
      type: 'DateTime',
      nullable: false,
      description: 'The state of the service that these rows show: the oldest of the leagues among them.',
    }),
  }));
  const Filter = filterOf(name, table, fieldOf);
  builder.queryField(`${camelCase(table.name)}Rows`, (t) =>
    t.field({
      type: RowConnection,
      description: `The table \`${table.name}\` for BI tools: ${table.description.en} Newest first; a walk by \`after\` stays on one snapshot for an hour.`,
      args: {
        ...pageArguments,
        filter: t.arg({ type: Filter, description: 'Only rows that fit.' }),
        maxStaleness: t.arg.int({
          description:
            'Seconds: older rows are refreshed first. The gateway takes no number below 5, and waits 10 s at most.',
        }),
      },
      resolve: (_, args, context) => readPage(table, args, context),
    }),
  );
}

tableNames.map((name) => tables[name]).forEach(addRows);
