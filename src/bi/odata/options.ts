import type { Table } from '../model/types.ts';
import type { Parameters } from '../query/compile.ts';
import { QueryError, type Expression } from '../query/expression.ts';
import { pipeline, sequenceOf, type Computation, type Sequence, type Step } from '../query/pipeline.ts';
import { filtered, type Order, type Relation, type Scope } from '../query/relation.ts';
import { placeOf } from '../reading.ts';
import { parseApply, parseCompute, parseFilter, parseOrder, parseSelect } from './parser.ts';

/** System query options that are carried out; all others with a `$` are named in a refusal. */
const supported = [
  '$filter',
  '$select',
  '$orderby',
  '$top',
  '$skip',
  '$count',
  '$apply',
  '$compute',
  '$skiptoken',
  '$format',
] as const;
const unsupported = [
  '$expand',
  '$search',
  '$levels',
  '$deltatoken',
  '$index',
  '$schemaversion',
  '$batch',
  '$crossjoin',
  '$all',
  '$entity',
  '$id',
] as const;

/** The options of one query of a table. */
export interface ODataQuery {
  readonly steps: readonly Step[];
  readonly computed: readonly Computation[];
  readonly where: Expression | undefined;
  readonly select: readonly string[] | undefined;
  readonly order: readonly Order[];
  readonly top: number | undefined;
  readonly skip: number;
  readonly isCounted: boolean;
}

function wholeNumber(query: URLSearchParams, name: string): number | undefined {
  const text = query.get(name);
  if (text === null) return undefined;
  if (!/^\d{1,15}$/.test(text)) throw new QueryError(`${name}: a whole number from 0.`);
  return Number(text);
}

/** @throws QueryError, UNSUPPORTED with the name of the option that is not carried out */
export function checkOptions(query: URLSearchParams): void {
  const seen = new Set<string>();
  for (const name of query.keys()) {
    if (!name.startsWith('$')) continue;
    if (unsupported.some((option) => option === name)) throw new QueryError(`${name} is not supported.`, 'UNSUPPORTED');
    if (!supported.some((option) => option === name)) throw new QueryError(`There is no option ${name.slice(0, 64)}.`);
    if (seen.has(name)) throw new QueryError(`${name} stands twice.`);
    seen.add(name);
  }
}

/** Reads the options of a query of a table. @throws QueryError */
export function queryOf(query: URLSearchParams): ODataQuery {
  const names = ['$filter', '$select', '$orderby', '$apply', '$count', '$compute'];
  const [filter, select, order, apply, count, compute] = names.map((name) => {
    const text = query.get(name);
    return text === null || text.trim() === '' ? undefined : text;
  });
  if (count !== undefined && count !== 'true' && count !== 'false') throw new QueryError('$count: true or false.');
  const selected = select === undefined ? undefined : [...new Set(parseSelect(select))];
  return {
    steps: apply === undefined ? [] : parseApply(apply),
    computed: compute === undefined ? [] : parseCompute(compute),
    where: filter === undefined ? undefined : parseFilter(filter),
    select: selected?.includes('*') ? undefined : selected,
    order: order === undefined ? [] : parseOrder(order),
    top: wholeNumber(query, '$top'),
    skip: wholeNumber(query, '$skip') ?? 0,
    isCounted: count === 'true',
  };
}

/** What the options of a query make of the rows of a table, one after the other. */
export function sequenceFor(table: Table, scope: Scope, query: ODataQuery, parameters: Parameters): Sequence {
  const { steps, computed, where, order } = query;
  const made = pipeline(sequenceOf(table, scope, parameters), steps, parameters);
  if (made.parts !== undefined && computed.length > 0)
    throw new QueryError('$compute behind concat is not supported.', 'UNSUPPORTED');
  const complete = computed.length > 0 ? pipeline(made, [{ kind: 'compute', columns: computed }], parameters) : made;
  const relation = where === undefined ? complete.relation : filtered(complete.relation, where, parameters);
  return { ...complete, relation, order: order.length > 0 ? order : complete.order };
}

/** Where a walk goes on, and what is left of `$top`. */
export function walkOf(query: URLSearchParams, table: Table, order: readonly Order[], relation: Relation) {
  const token = query.get('$skiptoken');
  if (token === null) return undefined;
  const types = order.map(({ column }) => relation.columns.get(column) ?? 'text');
  const place = placeOf(token, table, types);
  const { left } = place.more;
  if (left === undefined) return { ...place, left };
  if (typeof left === 'number' && Number.isSafeInteger(left) && left >= 0) return { ...place, left };
  throw new QueryError('The $skiptoken was not issued by this server. Start again without it.');
}

/** True for a resource that OData reads as one of the options that are not carried out, such as `$batch`. */
export function isUnsupported(resource: string): boolean {
  return unsupported.some((option) => resource === option || resource.startsWith(`${option}(`));
}
