import type { ColumnType, Value } from '../model/types.ts';
import { QueryError } from '../query/expression.ts';
import { isDay } from '../refresh/calendar.ts';

/** A piece of the text of a query option. */
export type Token =
  | { readonly kind: 'name'; readonly text: string; readonly at: number }
  | { readonly kind: 'literal'; readonly type: ColumnType | 'null'; readonly value: Value; readonly at: number }
  | { readonly kind: 'sign'; readonly text: '(' | ')' | ',' | '/' | '-' | '*'; readonly at: number }
  | { readonly kind: 'end'; readonly at: number };

const spaces = /[ \t]*/y;
const patterns = {
  // A `+` that was not encoded arrives as a space.
  instant: /(\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(?::\d{2}(?:\.\d{1,12})?)?)(Z|[+\- ]\d{2}:\d{2})(?![\w:])/iy,
  date: /\d{4}-\d{2}-\d{2}(?![\w:-])/y,
  // Those of OData 3 are among them.
  typed: /(duration|binary|geography|geometry|enum|datetime|datetimeoffset|guid|time)'[^']*'/iy,
  guid: /[\da-f]{8}-[\da-f]{4}-[\da-f]{4}-[\da-f]{4}-[\da-f]{12}/iy,
  infinite: /(INF|NaN)(?!\w)/y,
  local: /\d{4}-\d{2}-\d{2}T/iy,
  number: /\d+(\.\d+)?([eE][+-]?\d+)?(?![\w.])/y,
  text: /'((?:[^']|'')*)'/y,
  name: /[$A-Za-z_][\w.]*/y,
  alias: /@\w+/y,
  sign: /[(),/*-]/y,
} as const;

const words: Readonly<Record<string, { readonly type: ColumnType | 'null'; readonly value: Value }>> = {
  null: { type: 'null', value: null },
  true: { type: 'boolean', value: true },
  false: { type: 'boolean', value: false },
};

const maxLong = 2n ** 63n - 1n;

function matchAt(pattern: RegExp, text: string, at: number): RegExpExecArray | null {
  pattern.lastIndex = at;
  return pattern.exec(text);
}

function numberToken(text: string, isReal: boolean, at: number): Token {
  if (isReal) return { kind: 'literal', type: 'number', value: Number(text), at };
  const value = BigInt(text);
  // 2^63 itself stands in the text of the smallest number, behind its sign.
  if (value > maxLong + 1n) throw new QueryError('A whole number has at most 64 bits.');
  return { kind: 'literal', type: 'integer', value, at };
}

function instantToken(text: string, offset: string, at: number): Token {
  const ms = isDay(text.slice(0, 10))
    ? Date.parse(`${text.slice(0, 23)}${offset.replace(' ', '+').toUpperCase()}`)
    : NaN;
  if (Number.isNaN(ms)) throw new QueryError('There is no such date and time.');
  // Dates of JavaScript end at milliseconds: what is written behind them still tells two instants apart.
  const micros = /^0*$/.test(text.slice(23, 26)) ? '' : text.slice(23, 26);
  return { kind: 'literal', type: 'instant', value: new Date(ms).toISOString().replace('Z', `${micros}Z`), at };
}

/** @throws QueryError for a literal of a type that no column has */
function refuseOthers(match: (pattern: RegExp) => RegExpExecArray | null): void {
  const type = (match(patterns.typed) ?? match(patterns.infinite))?.[1] ?? (match(patterns.guid) && 'guid');
  if (type) throw new QueryError(`A literal of the type ${type} is not supported.`, 'UNSUPPORTED');
  if (match(patterns.local) !== null)
    throw new QueryError('A date and time has its offset behind it, such as 2026-01-31T08:00:00Z.');
}

function tokenAt(text: string, at: number): { readonly token: Token; readonly end: number } {
  const match = (pattern: RegExp) => matchAt(pattern, text, at);
  const instant = match(patterns.instant);
  if (instant !== null)
    return { token: instantToken(instant[1] ?? '', instant[2] ?? '', at), end: at + instant[0].length };
  refuseOthers(match);
  const date = match(patterns.date);
  if (date !== null) {
    if (!isDay(date[0])) throw new QueryError('There is no such day in the calendar.');
    return { token: { kind: 'literal', type: 'date', value: date[0], at }, end: at + date[0].length };
  }
  const number = match(patterns.number);
  if (number !== null)
    return {
      token: numberToken(number[0], number[1] !== undefined || number[2] !== undefined, at),
      end: at + number[0].length,
    };
  const quoted = match(patterns.text);
  if (quoted !== null)
    return {
      token: { kind: 'literal', type: 'text', value: (quoted[1] ?? '').replaceAll("''", "'"), at },
      end: at + quoted[0].length,
    };
  const name = match(patterns.name);
  if (name !== null) {
    const word = Object.hasOwn(words, name[0]) ? words[name[0]] : undefined;
    const token: Token = word === undefined ? { kind: 'name', text: name[0], at } : { kind: 'literal', ...word, at };
    return { token, end: at + name[0].length };
  }
  const alias = match(patterns.alias);
  if (alias !== null) throw new QueryError(`The parameter alias ${alias[0]} is not supported.`, 'UNSUPPORTED');
  const sign = match(patterns.sign);
  if (sign !== null) return { token: { kind: 'sign', text: sign[0] as '(', at }, end: at + 1 };
  throw new QueryError(`The text can't be read at character ${at + 1}.`);
}

/** @throws QueryError */
export function tokensOf(text: string): readonly Token[] {
  const tokens: Token[] = [];
  for (let at = 0; ;) {
    at += matchAt(spaces, text, at)?.[0].length ?? 0;
    if (at >= text.length) return [...tokens, { kind: 'end', at }];
    const { token, end } = tokenAt(text, at);
    tokens.push(token);
    at = end;
  }
}
