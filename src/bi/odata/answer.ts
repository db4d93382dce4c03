import type { ServerResponse } from 'node:http';
import { quoted, type Engine } from '../model/ddl.ts';
import { tableNamed } from '../model/tables.ts';
import { tableNames, type ColumnType, type Table, type Value } from '../model/types.ts';
import { Parameters } from '../query/compile.ts';
import { compare, QueryError } from '../query/expression.ts';
import { jsonLine } from '../query/lines.ts';
import { partColumn, totalOrder, type Sequence } from '../query/pipeline.ts';
import {
  filtered,
  linesOf,
  rowsOf,
  sliceOf,
  type Order,
  type Relation,
  type Scope,
  type Slice,
} from '../query/relation.ts';
import {
  answerFreshness,
  countRows,
  encodeCursor,
  endOf,
  narrowed,
  readingOf,
  readRows,
  scopeFor,
  send,
  type BiRequest,
  type Tables,
} from '../reading.ts';
import type { Statement } from '../store/store.ts';
import { metadataXml } from './metadata.ts';
import { checkOptions, isUnsupported, queryOf, sequenceFor, walkOf, type ODataQuery } from './options.ts';
import { parseKey } from './parser.ts';

const root = '/odata/v4';

/** Rows of a page, unless the reader prefers fewer; and those that it may prefer. */
const pageRows = { usual: 5_000, most: 10_000 } as const;

/** Rows that are written at a time: long strings are not collected before the heap is. */
const rowsInPiece = 100;

/** Longer pages are written by the engine: what is read of it here is held until V8 collects it, which does not know how much that is. */
const rowsInMemory = 1_000;

/** An error in the shape that OData clients read. */
export function odataError(response: ServerResponse, status: number, code: string, message: string): void {
  response.writeHead(status, { 'content-type': 'application/json;odata.metadata=minimal', 'odata-version': '4.0' });
  response.end(JSON.stringify({ error: { code, message } }));
}

/** How a reader takes JSON. */
interface JsonForm {
  readonly contentType: string;
  /** Int64 and counts as text: other numbers would lose digits in JavaScript. */
  readonly isIeee754: boolean;
  readonly hasContext: boolean;
}

function jsonForm({ request, query }: BiRequest): JsonForm {
  const format = query.get('$format');
  if (format !== null && !/^(json|application\/json)(;|$)/i.test(format))
    throw new QueryError('$format: json only.', 'UNSUPPORTED');
  const accepted = `${format ?? ''},${request.headers.accept ?? ''}`;
  const isIeee754 = /ieee754compatible\s*=\s*true/i.test(accepted);
  const level = /odata\.metadata\s*=\s*none/i.test(accepted) ? 'none' : 'minimal';
  return {
    contentType: `application/json;odata.metadata=${level};odata.streaming=true;IEEE754Compatible=${String(isIeee754)};charset=utf-8`,
    isIeee754,
    hasContext: level === 'minimal',
  };
}

function jsonOf(value: Value, type: ColumnType | undefined, { isIeee754 }: JsonForm): string {
  if (typeof value === 'bigint') return isIeee754 ? `"${value}"` : value.toString();
  if (type === 'integer' && typeof value === 'number') return isIeee754 ? `"${value}"` : String(value);
  return JSON.stringify(value);
}

function preferredRows({ request, response }: BiRequest): number {
  const [, asked] =
    /(?:^|[,;\s])(?:odata\.)?maxpagesize\s*=\s*"?(\d{1,9})/i.exec(String(request.headers['prefer'] ?? '')) ?? [];
  if (asked === undefined || Number(asked) === 0) return pageRows.usual;
  const rows = Math.min(Number(asked), pageRows.most);
  response.setHeader('preference-applied', `odata.maxpagesize=${rows}`);
  return rows;
}

/** The address of the next page: the same query, without what the token now says. */
function nextLink(bi: BiRequest, token: string): string {
  const query = [...bi.query].filter(([name]) => name !== '$skiptoken' && name !== '$skip' && name !== 'apikey');
  const text = [...query, ['$skiptoken', token]]
    .map(
      ([name = '', value = '']) =>
        `${name.startsWith('$') ? `$${encodeURIComponent(name.slice(1))}` : encodeURIComponent(name)}=${encodeURIComponent(value)}`,
    )
    .join('&');
  return `${bi.baseUrl}${bi.path}?${text}`;
}

/** What a page shows of a sequence, and in which order. */
interface PageShape {
  readonly order: readonly Order[];
  /** Properties of its rows. */
  readonly shown: readonly string[];
  /** What the engine reads: those and what it orders by. */
  readonly columns: readonly string[];
}

function shapeOf(sequence: Sequence, { select }: ODataQuery): PageShape {
  const order = totalOrder(sequence);
  const shown = select ?? [...sequence.relation.columns.keys()].filter((name) => !name.startsWith('#'));
  return { order, shown, columns: [...new Set([...shown, ...order.map(({ column }) => column)])] };
}

/** Writes each row of a statement as JSON, followed by the values of its order. The engine does it: V8 takes several times the memory. */
function objectsOf(
  { text, values }: Statement,
  { relation, parts }: Sequence,
  { order, shown }: PageShape,
  { engine, form }: { readonly engine: Engine; readonly form: JsonForm },
): Statement {
  const typed = shown.map((name) => ({ name, type: relation.columns.get(name) ?? ('text' as const) }));
  const objectWith = (columns: typeof typed): string =>
    jsonLine(columns, { engine }, form.isIeee754 ? 'TEXT' : 'NUMBER');
  // A row of `concat` has the members of its own sequence.
  const ofParts = parts?.map(
    (own, part) => `WHEN ${part} THEN ${objectWith(typed.filter(({ name }) => own.includes(name)))}`,
  );
  const object = ofParts === undefined ? objectWith(typed) : `CASE ${quoted(partColumn)} ${ofParts.join(' ')} END`;
  const place = order.map(({ column }) => quoted(column));
  return { text: `SELECT ${[object, ...place].join(', ')} FROM (${text}) objects`, values };
}

/** What stands before the rows of a page. */
function headOf(bi: BiRequest, table: Table, shown: readonly string[], form: JsonForm, count?: bigint): string {
  const selected = shown.join() === Object.keys(table.columns).join() ? '' : `(${shown.join(',')})`;
  const members = [
    ...(form.hasContext
      ? [`"@odata.context":${JSON.stringify(`${bi.baseUrl}${root}/$metadata#${table.name}${selected}`)}`]
      : []),
    ...(count === undefined ? [] : [`"@odata.count":${jsonOf(count, 'integer', form)}`]),
  ];
  return `{${[...members, '"value":['].join(',')}`;
}

/** A page of a set: how its rows are made, and which of them it has. */
interface SetPage {
  readonly sequence: (parameters: Parameters) => Sequence;
  readonly shape: PageShape;
  readonly part: Slice;
  /** Rows that it has at most; the part has one more, which says if there are others. */
  readonly wanted: number;
  readonly form: JsonForm;
  /** Its rows are the table's, not those of `$apply`. */
  readonly isPlain: boolean;
}

/** What a page ended with. */
interface PageEnd {
  readonly written: number;
  /** Values of the order of its last row. */
  readonly last: readonly Value[] | undefined;
  readonly isMore: boolean;
}

/** Writes what comes before the rows, once. */
type Begin = () => Promise<void>;

/** Has the engine write a full page. Undefined where it is short, or no file can be written now. */
async function copyPage(tables: Tables, page: SetPage, bi: BiRequest, begin: Begin): Promise<PageEnd | undefined> {
  const { store } = tables;
  const { sequence, shape, part, wanted, form, isPlain } = page;
  if (!isPlain || wanted <= rowsInMemory || store.copy === undefined) return undefined;
  const parameters = new Parameters(store.engine);
  const { relation } = sequence(parameters);
  const end = await endOf(tables, (own) => sequence(own).relation, { ...part, limit: wanted }, bi.signal);
  if (end.last === undefined) return undefined;
  const statement = sliceOf(relation, { ...part, through: end.last, limit: undefined }, parameters);
  const columns = shape.shown.map((name) => ({ name, type: relation.columns.get(name) ?? ('text' as const) }));
  const object = jsonLine(columns, parameters, form.isIeee754 ? 'TEXT' : 'NUMBER');
  const lines = store.copy(linesOf(statement, `',' || ${object}`), 'LINES', bi.signal);
  if (lines === undefined) return undefined;
  let comma = 1;
  for await (const piece of lines) {
    await begin();
    await send(piece.subarray(comma), bi);
    comma = 0;
  }
  return { written: wanted, ...end };
}

async function readPage(tables: Tables, page: SetPage, bi: BiRequest, begin: Begin): Promise<PageEnd> {
  const { store } = tables;
  const { engine } = store;
  const { sequence, shape, part, wanted, form, isPlain } = page;
  const relation = (parameters: Parameters): Relation => sequence(parameters).relation;
  // What `$apply` makes of all rows would be made once more.
  const slice = isPlain ? await narrowed(tables, relation, part, bi.signal) : part;
  const parameters = new Parameters(engine);
  const made = sequence(parameters);
  const statement = objectsOf(sliceOf(made.relation, slice, parameters), made, shape, { engine, form });
  let written = 0;
  let last: readonly Value[] | undefined;
  let isMore = false;
  // A query that fails before its first row still has its status.
  for await (const rows of store.read(statement, bi.signal)) {
    await begin();
    const kept = rows.slice(0, wanted - written);
    isMore = kept.length < rows.length;
    for (let from = 0; from < kept.length; from += rowsInPiece) {
      const objects = kept.slice(from, from + rowsInPiece).map(([object]) => String(object));
      await send(`${written > 0 ? ',' : ''}${objects.join(',')}`, bi);
      written += objects.length;
    }
    last = kept.at(-1)?.slice(1) ?? last;
  }
  return { written, last, isMore };
}

async function answerSet(tables: Tables, table: Table, bi: BiRequest): Promise<void> {
  const { response, signal } = bi;
  const form = jsonForm(bi);
  const query = queryOf(bi.query);
  const nothing: Scope = { leagues: [], snapshot: '', asOf: '', readAt: '' };
  const unread = sequenceFor(table, nothing, query, new Parameters(tables.store.engine));
  const shape = shapeOf(unread, query);
  const { order, columns } = shape;
  const place = walkOf(bi.query, table, order, unread.relation);
  const scope = await scopeFor(tables, table, readingOf(bi), place);
  if (answerFreshness(tables, table, scope, bi)) return;

  const size = preferredRows(bi);
  const left = place?.left ?? query.top;
  const wanted = Math.min(size, left ?? size);
  const sequence = (parameters: Parameters): Sequence => sequenceFor(table, scope, query, parameters);
  const offset = place === undefined ? query.skip : 0;
  const part = { columns, order, after: place?.after, limit: wanted === 0 ? 0 : wanted + 1, offset };
  const page: SetPage = { sequence, shape, part, wanted, form, isPlain: query.steps.length === 0 };
  const relation = (parameters: Parameters): Relation => sequence(parameters).relation;
  const count = query.isCounted ? await countRows(tables, relation, signal) : undefined;

  const head = headOf(bi, table, shape.shown, form, count);
  const begin = async (): Promise<void> => {
    if (response.headersSent) return;
    response.writeHead(200, { 'content-type': form.contentType });
    await send(head, bi);
  };
  const copied = offset === 0 ? await copyPage(tables, page, bi, begin) : undefined;
  const { written, last, isMore } = copied ?? (await readPage(tables, page, bi, begin));
  await begin();
  const more = { left: left === undefined ? undefined : left - written };
  const isNext = isMore && (left === undefined || left > wanted);
  const next =
    isNext && last !== undefined
      ? nextLink(bi, encodeCursor({ ...scope, table: table.name, after: last, more }))
      : undefined;
  response.end(next === undefined ? ']}' : `],"@odata.nextLink":${JSON.stringify(next)}}`);
}

async function answerCount(tables: Tables, table: Table, bi: BiRequest): Promise<void> {
  const scope = await scopeFor(tables, table, readingOf(bi));
  if (answerFreshness(tables, table, scope, bi)) return;
  const query = queryOf(bi.query);
  const count = await countRows(
    tables,
    (parameters) => sequenceFor(table, scope, query, parameters).relation,
    bi.signal,
  );
  bi.response.writeHead(200, { 'content-type': 'text/plain;charset=utf-8' }).end(String(count));
}

async function answerEntity(tables: Tables, table: Table, keyText: string, bi: BiRequest): Promise<void> {
  const form = jsonForm(bi);
  const { type, value } = parseKey(keyText, table.key);
  const keyType = table.columns[table.key]?.type ?? 'text';
  if (type !== keyType) throw new QueryError(`The key of ${table.name} is of the type ${keyType}.`);
  const query = queryOf(bi.query);
  const scope = await scopeFor(tables, table, readingOf(bi));
  if (answerFreshness(tables, table, scope, bi)) return;
  const ofKey = (parameters: Parameters): Relation =>
    filtered(rowsOf(table, scope, parameters), compare('eq', table.key, keyType, value), parameters);
  const columns = query.select ?? Object.keys(table.columns);
  const [row] = await readRows(tables, ofKey, { columns, order: [] }, bi.signal);
  if (row === undefined)
    return odataError(bi.response, 404, 'NOT_FOUND', 'There is no such row, or you may not see it.');
  const context = form.hasContext
    ? [
        `"@odata.context":${JSON.stringify(`${bi.baseUrl}${root}/$metadata#${table.name}${query.select ? `(${columns.join(',')})` : ''}/$entity`)}`,
      ]
    : [];
  const values = columns.map(
    (name) => `${JSON.stringify(name)}:${jsonOf(row[name] ?? null, table.columns[name]?.type, form)}`,
  );
  bi.response.writeHead(200, { 'content-type': form.contentType }).end(`{${[...context, ...values].join(',')}}`);
}

function answerService(bi: BiRequest): void {
  const value = tableNames.map((name) => ({ name, kind: 'EntitySet', url: name }));
  const body = { '@odata.context': `${bi.baseUrl}${root}/$metadata`, value };
  bi.response.writeHead(200, { 'content-type': jsonForm(bi).contentType, 'cache-control': 'private, no-cache' });
  bi.response.end(JSON.stringify(body));
}

/**
 * `GET /odata/v4/…`: OData 4.0 over the tables.
 *
 * @throws QueryError
 */
export async function answerOData(tables: Tables, bi: BiRequest): Promise<void> {
  const { path, response, query } = bi;
  response.setHeader('odata-version', '4.0');
  if (path === '/odata' || path === '/odata/' || path === root)
    return void response.writeHead(302, { location: `${bi.baseUrl}${root}/` }).end();
  if (!path.startsWith(`${root}/`)) return odataError(response, 404, 'NOT_FOUND', `The service is at ${root}/.`);
  checkOptions(query);
  const resource = path.slice(root.length + 1);
  if (resource === '') return answerService(bi);
  if (resource === '$metadata')
    return void response
      .writeHead(200, { 'content-type': 'application/xml', 'cache-control': 'private, no-cache' })
      .end(metadataXml());
  if (isUnsupported(resource)) throw new QueryError(`${resource.split('(')[0] ?? ''} is not supported.`, 'UNSUPPORTED');
  const [, name = '', key, rest = ''] = /^([A-Za-z_]+)(?:\((.*)\))?((?:\/.*)?)$/.exec(resource) ?? [];
  const table = tableNamed(name);
  if (table === undefined)
    return odataError(response, 404, 'NOT_FOUND', `There is no such entity set, but ${tableNames.join(', ')}.`);
  if (key === undefined && rest === '') return answerSet(tables, table, bi);
  if (key === undefined && rest === '/$count') return answerCount(tables, table, bi);
  if (key !== undefined && rest === '') return answerEntity(tables, table, key, bi);
  throw new QueryError('Paths below a table are not supported, but for /$count.', 'UNSUPPORTED');
}
