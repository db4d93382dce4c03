import type { InterfaceRef, ObjectRef } from '@pothos/core';
import { builder, type BuilderTypes } from '../builder.ts';
import { GatewayError } from '../../errors.ts';
import { placesOf, readWindow, type Page, type ReadPage } from '../../tics/pages.ts';
import { integer, type Long } from '../../upstream/wire.ts';

type Types = PothosSchemaTypes.ExtendDefaultTypes<BuilderTypes>;

/** A Pothos object or interface that lists can hold. */
export type NodeRef<Node> = ObjectRef<Types, Node> | InterfaceRef<Types, Node>;

/** One element of a connection and where it stands. */
export interface Edge<Node> {
  readonly node: Node;
  readonly cursor: string;
}

/** Rows of a list, as a Relay connection shows them. */
export interface Connection<Node> {
  readonly nodes: readonly Node[];
  /** The same rows with their cursors: made when they are selected. */
  readonly edges: () => readonly Edge<Node>[];
  readonly hasNextPage: boolean;
  readonly hasPreviousPage: boolean;
  /** Where the page ends, if that is not at its last edge. */
  readonly endCursor?: () => string | null;
  /** Rows of the whole list. Null when unknown. */
  readonly countAll: () => Long | null | Promise<Long | null>;
}

/** Arguments of a connection. */
export interface PageArguments {
  readonly first?: number | null | undefined;
  readonly after?: string | null | undefined;
}

const defaultFirst = 20;

/** The service's offsets have 32 bits. */
export const maxOffset = 2_147_483_647;

/** `first` and `after`, for the arguments of a connection field. */
export const pageArguments = builder.args((t) => ({
  first: t.int({ description: `How many rows, any number from 0 on; ${defaultFirst} where it is left out.` }),
  after: t.string({ description: 'Rows after the one with this cursor.' }),
}));

function encode(position: number): string {
  return Buffer.from(`row:${position}`).toString('base64url');
}

function decode(cursor: string): number {
  const [, digits] = /^row:(\d{1,10})$/.exec(Buffer.from(cursor, 'base64url').toString('latin1')) ?? [];
  const position = Number(digits);
  if (digits === undefined || position >= maxOffset)
    throw new GatewayError(
      'INVALID_CURSOR',
      'This cursor was not made by this connection. Start again without `after`.',
    );
  return position;
}

/**
 * How many rows are asked for.
 *
 * @throws GatewayError INVALID_ARGUMENT for a negative `first`.
 */
export function rowsAskedFor({ first }: PageArguments): number {
  const size = first ?? defaultFirst;
  if (size < 0) throw new GatewayError('INVALID_ARGUMENT', 'first: at least 0.');
  return size;
}

/** Rows of a list, and what is missing among them. */
export type Rows<Row> = Pick<Page<Row>, 'rows' | 'gaps'>;

/**
 * Rows that are shown without being paged.
 *
 * @param report - is told once why some are missing
 */
export function rowsOf<Row>({ rows, gaps }: Rows<Row>, report: (error: GatewayError) => void): readonly Row[] {
  if (gaps !== undefined) report(gaps.fault);
  return rows;
}

/**
 * A connection over a paged list: exact for any `first` and `after`. A row that can't be told costs its own edge: cursors
 * count it.
 *
 * @param report - is told once why rows of the page are missing
 * @throws GatewayError INVALID_ARGUMENT or INVALID_CURSOR, or what the list's call throws.
 */
export async function connect<Node>(
  args: PageArguments,
  read: ReadPage<Node>,
  report: (error: GatewayError) => void,
): Promise<Connection<Node>> {
  const size = rowsAskedFor(args);
  const start = args.after ? decode(args.after) + 1 : 0;
  const page = await readWindow(read, start, size);
  if (page.gaps !== undefined) report(page.gaps.fault);
  const places = placesOf(page);
  // Where the total is known, rows that the service itself leaves out of a page count too, or the next one would repeat some.
  const end = page.total === null ? start + places.length : Math.max(start, Math.min(start + size, Number(page.total)));
  const last = places.findLastIndex((row) => row !== null);
  return {
    nodes: page.rows,
    edges: () =>
      places.flatMap((node, index) =>
        node === null ? [] : [{ node, cursor: encode(index === last ? end - 1 : start + index) }],
      ),
    endCursor: () => (end > start ? encode(end - 1) : null),
    // A list that tells no total may go on when its page is full.
    hasNextPage: page.total === null ? places.length === size && size > 0 : end < Number(page.total),
    hasPreviousPage: start > 0,
    countAll: () => page.total,
  };
}

/** A connection over rows that are all at hand. */
export function connectRows<Node>(
  args: PageArguments,
  page: Rows<Node>,
  report: (error: GatewayError) => void,
): Promise<Connection<Node>> {
  const rows = rowsOf(page, report);
  const read = (offset: number, limit: number) =>
    Promise.resolve({ rows: rows.slice(offset, offset + limit), total: rows.length });
  return connect(args, read, report);
}

const PageInfo = builder.objectRef<Connection<unknown>>('PageInfo').implement({
  description: 'Position of a page in its list.',
  fields: (t) => ({
    hasNextPage: t.exposeBoolean('hasNextPage', { nullable: false, description: 'Whether further rows follow.' }),
    hasPreviousPage: t.exposeBoolean('hasPreviousPage', { nullable: false, description: 'Whether rows come before.' }),
    startCursor: t.string({ description: 'Cursor of the first row.', resolve: ({ edges }) => edges()[0]?.cursor }),
    endCursor: t.string({
      description: 'Cursor of the last row: pass it as `after` to continue.',
      resolve: ({ edges, endCursor }) => endCursor?.() ?? edges().at(-1)?.cursor,
    }),
  }),
});

/** Pothos can't see that a generic node is what its own ref resolves to. Nor can it of a list of them. */
function nodeOf({ node }: Edge<unknown>): never {
  return node as never;
}

function rowsIn({ nodes }: Connection<unknown>): never[] {
  return nodes as never[];
}

type Fields<Shape> = Parameters<typeof builder.objectType<[], ObjectRef<Types, Shape>>>[2];

/**
 * Makes the Relay types `<name>Connection` and `<name>Edge` over a type of nodes.
 *
 * @param rows - what the rows are, in the plural and in the domain's words, for the descriptions
 * @param more - further fields of the connection, for lists that are more than a page of rows
 * @param ofEdge - further fields of the edge: what this list alone tells of a row
 */
export function connectionOf<Node, Shape extends Connection<Node> = Connection<Node>>(
  name: string,
  node: NodeRef<Node>,
  rows: string,
  more?: Fields<Shape>,
  ofEdge?: Fields<Edge<Node>>,
) {
  const Edge = builder.objectRef<Edge<Node>>(`${name}Edge`).implement({
    description: `One of the ${rows}, and where it stands in the list.`,
    fields: (t) => ({
      node: t.field({
        type: node,
        nullable: false,
        description: 'The row itself.',
        resolve: nodeOf,
      }),
      cursor: t.exposeString('cursor', {
        nullable: false,
        description: 'Pass it as `after` to continue after this row.',
      }),
    }),
  });
  const ref = builder.objectRef<Shape>(`${name}Connection`);
  builder.objectType(ref, {
    description: `A page of ${rows}.`,
    fields: (t) => ({
      edges: t.field({
        type: [Edge],
        nullable: { list: false, items: false },
        description: 'The rows with their cursors.',
        resolve: ({ edges }) => edges(),
      }),
      nodes: t.field({
        type: [node],
        nullable: { list: false, items: false },
        description: 'The rows alone.',
        resolve: rowsIn,
      }),
      pageInfo: t.field({
        type: PageInfo,
        nullable: false,
        description: 'Position of this page in the list.',
        resolve: (connection) => connection,
      }),
      totalCount: t.int({
        description: 'How many rows the list has in all; null when that is unknown.',
        resolve: async ({ countAll }) => integer(await countAll()),
      }),
    }),
  });
  if (more !== undefined) builder.objectFields(ref, more);
  if (ofEdge !== undefined) builder.objectFields(Edge, ofEdge);
  return ref;
}
