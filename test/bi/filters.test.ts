import fc from 'fast-check';
import { expect, test } from 'vitest';
import { tables } from '../../src/bi/model/tables.ts';
import type { Row } from '../../src/bi/model/types.ts';
import { parseFilter } from '../../src/bi/odata/parser.ts';
import { Parameters } from '../../src/bi/query/compile.ts';
import { filtered, rowsOf, sliceOf } from '../../src/bi/query/relation.ts';
import type { Store } from '../../src/bi/store/store.ts';
import { describeEngines } from './stage.ts';

const table = tables.job_instance;
const created = '2026-01-01T00:00:00.000Z';
const days = ['2025-12-31', '2026-01-01', '2026-02-28'];
const texts = ['', 'a', "it's", '100%', 'a_b', 'Ab c', ' padded ', '联盟', '"quoted"', '\\', 'a'.repeat(9)];
const instants = [
  '2025-12-31T23:59:59.999Z',
  '2026-01-01T00:00:00.000Z',
  '2026-01-01T08:00:00.123Z',
  '2026-02-28T15:59:59.000Z',
];

function pick<Item>(items: readonly Item[], index: number): Item | null {
  return index % 5 === 4 ? null : (items[index % items.length] ?? null);
}

/** Runs with each column null in some. */
const runs: readonly Row[] = Array.from({ length: 60 }, (_, index) => ({
  id: String(index).padStart(2, '0'),
  league_id: 'a',
  tics_id: String(index),
  status: 'RUNNING',
  job_name: pick(texts, index),
  type: pick(texts, index * 7 + 3),
  finished: index % 3 === 0,
  round_count: pick([0n, 1n, 2n, 3n, -4n, 7n], index * 11 + 1),
  duration_ms: pick([0n, 5n, 12n, -7n, 50n], index * 13 + 2),
  started_at: pick(instants, index * 3 + 1),
  ended_at: pick(instants, index * 17 + 2),
  date: days[index % 3] ?? null,
  created_at: created,
}));

/** What an expression is worth: whole numbers and microseconds of instants are bigint. */
type Worth = string | bigint | number | boolean | null;

/** An expression as text, and what it is worth for a row. */
interface Written {
  readonly text: string;
  readonly of: (row: Row) => Worth;
}

function micros(text: string): bigint {
  const [, fraction = ''] = /\.(\d+)/.exec(text) ?? [];
  const whole = BigInt(Date.parse(text.replace(/\.\d+/, ''))) * 1000n;
  return whole + BigInt(fraction.padEnd(6, '0').slice(0, 6));
}

function column(name: string): Written {
  return {
    text: name,
    of: (row) => {
      const value = row[name] ?? null;
      return typeof value === 'string' && table.columns[name]?.type === 'instant' ? micros(value) : value;
    },
  };
}

function constant(text: string, value: Worth): Written {
  return { text, of: () => value };
}

/** A function that is null where one of its arguments is. */
function strict(text: string, parts: readonly Written[], of: (...values: never[]) => Worth): Written {
  return {
    text,
    of: (row) => {
      const values = parts.map((part) => part.of(row));
      return values.includes(null) ? null : of(...(values as never[]));
    },
  };
}

function call(name: string, ...parts: readonly Written[]): (of: (...values: never[]) => Worth) => Written {
  return (of) => strict(`${name}(${parts.map(({ text }) => text).join(',')})`, parts, of);
}

/** As OData counts them. */
function characters(text: string): readonly string[] {
  return [...text];
}

const textLiteral = fc
  .oneof(fc.constantFrom(...texts, 'b', '%', '_', "'", 'null'), fc.string({ maxLength: 4 }))
  .filter((text) => !text.includes('\0'))
  .map((value) => constant(`'${value.replaceAll("'", "''")}'`, value));
const wholeLiteral = fc.integer({ min: -9, max: 60 }).map((value) => constant(String(value), BigInt(value)));
const realLiteral = fc
  .constantFrom(0.5, 1.5, 2.5, -0.5, -2.5, 0.1, 12.25)
  .map((value) => constant(String(value), value));
const instantLiteral = fc
  .record({
    at: fc.constantFrom(...instants),
    offset: fc.constantFrom('Z', '+08:00', '-05:30', '+00:00'),
    fraction: fc.constantFrom('', '.1', '.123', '.1239', '.123999', '.1230001'),
  })
  .map(({ at, offset, fraction }) => {
    const text = `${at.slice(0, 19)}${fraction}${offset}`;
    return constant(text, micros(text));
  });
const dayLiteral = fc.constantFrom(...days, '2024-02-29').map((day) => constant(day, day));
const flagLiteral = fc.boolean().map((value) => constant(String(value), value));
function columnOf(...names: readonly string[]): fc.Arbitrary<Written> {
  return fc.constantFrom(...names).map(column);
}

const textColumn = columnOf('job_name', 'type');
const wholeColumn = columnOf('round_count', 'duration_ms');
const instantColumn = columnOf('started_at', 'ended_at');
const dayColumn = columnOf('date');
const flagColumn = columnOf('finished');
const nothing = fc.constant(constant('null', null));

/** Midpoints away from zero. */
function rounded(value: number | bigint): number {
  return Math.sign(Number(value)) * Math.round(Math.abs(Number(value)));
}

function compareWorth(one: Worth, other: Worth): number {
  if (typeof one === 'string' && typeof other === 'string') return Buffer.compare(Buffer.from(one), Buffer.from(other));
  return (one as number) < (other as number) ? -1 : (one as number) > (other as number) ? 1 : 0;
}

function equal(one: Worth, other: Worth): boolean {
  return one === null || other === null ? one === other : compareWorth(one, other) === 0;
}

const comparisons: Readonly<Record<string, (one: Worth, other: Worth) => boolean>> = {
  eq: equal,
  ne: (one, other) => !equal(one, other),
  lt: (one, other) => one !== null && other !== null && compareWorth(one, other) < 0,
  le: (one, other) => one !== null && other !== null && compareWorth(one, other) <= 0,
  gt: (one, other) => one !== null && other !== null && compareWorth(one, other) > 0,
  ge: (one, other) => one !== null && other !== null && compareWorth(one, other) >= 0,
};

const arithmetic: Readonly<Record<string, (one: never, other: never) => Worth>> = {
  add: (one: bigint, other: bigint) => one + other,
  sub: (one: bigint, other: bigint) => one - other,
  mul: (one: bigint, other: bigint) => one * other,
  // Nothing is divided by 0.
  div: (one: bigint, other: bigint) => (Number(other) === 0 ? null : one / other),
  mod: (one: bigint, other: bigint) => (Number(other) === 0 ? null : one % other),
};

function dayOf(at: bigint): string {
  return new Date(Number(at / 1000n)).toISOString().slice(0, 10);
}

const partNames = ['year', 'month', 'day', 'hour', 'minute', 'second'] as const;

function partOf(name: (typeof partNames)[number], iso: string): bigint {
  return BigInt(iso.split(/[-T:.Z]/)[partNames.indexOf(name)] ?? '');
}

interface ValuesOfKind {
  readonly value: fc.Arbitrary<Written>;
  readonly literal: fc.Arbitrary<Written>;
  readonly column: fc.Arbitrary<Written>;
}

function listed(one: Written, list: readonly Written[]): Written {
  return {
    text: `(${one.text}) in (${list.map(({ text }) => text).join(',')})`,
    of: (row) => list.some((each) => equal(one.of(row), each.of(row))),
  };
}

/** Comparisons of two values of one kind; a comparison with null is false, or says which of both are null. */
function comparisonsOf({ value, literal, column: own }: ValuesOfKind): fc.Arbitrary<Written> {
  const some = (of: fc.Arbitrary<Written>) => fc.array(of, { minLength: 1, maxLength: 3 });
  return fc.oneof(
    fc
      .tuple(fc.constantFrom(...Object.keys(comparisons)), value, fc.oneof({ weight: 6, arbitrary: value }, nothing))
      .map(([op, one, other]): Written => ({
        text: `(${one.text}) ${op} (${other.text})`,
        of: (row) => comparisons[op]?.(one.of(row), other.of(row)) ?? null,
      })),
    fc.tuple(value, some(fc.oneof({ weight: 3, arbitrary: literal }, nothing))).map(([one, list]) => listed(one, list)),
    fc.tuple(own, some(own)).map(([one, list]) => listed(one, list)),
  );
}

const { condition } = fc.letrec<Readonly<Record<'text' | 'whole' | 'real' | 'instant' | 'day' | 'condition', Written>>>(
  (tie) => {
    const depth = { maxDepth: 3, depthIdentifier: 'filter', depthSize: 'small' } as const;
    const [text, whole] = [tie('text'), tie('whole')];
    const number = fc.oneof(whole, tie('real'));
    return {
      text: fc.oneof(
        depth,
        textColumn,
        textLiteral,
        fc.tuple(text, text).map(([x, y]) => call('concat', x, y)((one: string, other: string) => one + other)),
        text.map((x) => call('tolower', x)((one: string) => one.toLowerCase())),
        text.map((x) => call('toupper', x)((one: string) => one.toUpperCase())),
        text.map((x) => call('trim', x)((one: string) => one.replace(/^ +| +$/g, ''))),
        fc.tuple(text, fc.nat(5), fc.nat(5)).map(([x, from, size]) =>
          call(
            'substring',
            x,
            constant(String(from), BigInt(from)),
            constant(String(size), BigInt(size)),
          )((one: string) =>
            characters(one)
              .slice(from, from + size)
              .join(''),
          ),
        ),
      ),
      whole: fc.oneof(
        depth,
        wholeColumn,
        wholeLiteral,
        fc
          .tuple(fc.constantFrom(...Object.keys(arithmetic)), whole, whole)
          .map(([op, x, y]) => strict(`(${x.text}) ${op} (${y.text})`, [x, y], arithmetic[op] ?? (() => null))),
        whole.map((x) => strict(`-(${x.text})`, [x], (one: bigint) => -one)),
        text.map((x) => call('length', x)((one: string) => BigInt(characters(one).length))),
        fc.tuple(text, text).map(([x, y]) =>
          call(
            'indexof',
            x,
            y,
          )((one: string, other: string) => {
            const at = one.indexOf(other);
            return BigInt(at < 0 ? at : characters(one.slice(0, at)).length);
          }),
        ),
        fc
          .tuple(fc.constantFrom(...partNames), tie('instant'))
          .map(([name, x]) => call(name, x)((at: bigint) => partOf(name, new Date(Number(at / 1000n)).toISOString()))),
        fc
          .tuple(fc.constantFrom('year', 'month', 'day'), tie('day'))
          .map(([name, x]) => call(name, x)((day: string) => partOf(name, day))),
      ),
      real: fc.oneof(
        depth,
        realLiteral,
        fc
          .constantFrom('add', 'sub', 'mul', 'div', 'mod')
          .chain((op) =>
            fc
              .tuple(number, tie('real'))
              .map(([x, y]) =>
                strict(`(${x.text}) ${op} (${y.text})`, [x, y], (one: number, other: number) =>
                  (arithmetic[op] as (one: number, other: number) => Worth)(Number(one), other),
                ),
              ),
          ),
        fc
          .tuple(number, number)
          .map(([x, y]) =>
            strict(`(${x.text}) divby (${y.text})`, [x, y], (one: number, other: number) =>
              Number(other) === 0 ? null : Number(one) / Number(other),
            ),
          ),
        number.map((x) => call('round', x)((one: number) => rounded(one))),
        number.map((x) => call('floor', x)((one: number) => Math.floor(Number(one)))),
        number.map((x) => call('ceiling', x)((one: number) => Math.ceil(Number(one)))),
      ),
      instant: fc.oneof(instantColumn, instantLiteral),
      day: fc.oneof(
        depth,
        dayColumn,
        dayLiteral,
        tie('instant').map((x) => call('date', x)((at: bigint) => dayOf(at))),
      ),
      condition: fc.oneof(
        depth,
        flagColumn,
        comparisonsOf({ value: text, literal: textLiteral, column: textColumn }),
        comparisonsOf({ value: number, literal: fc.oneof(wholeLiteral, realLiteral), column: wholeColumn }),
        comparisonsOf({ value: tie('instant'), literal: instantLiteral, column: instantColumn }),
        comparisonsOf({ value: tie('day'), literal: dayLiteral, column: dayColumn }),
        comparisonsOf({ value: tie('condition'), literal: flagLiteral, column: flagColumn }),
        fc
          .tuple(fc.constantFrom('contains', 'startswith', 'endswith'), text, text)
          .map(([name, x, y]) =>
            call(
              name,
              x,
              y,
            )((one: string, other: string) =>
              name === 'contains'
                ? one.includes(other)
                : name === 'startswith'
                  ? one.startsWith(other)
                  : one.endsWith(other),
            ),
          ),
        fc.array(tie('condition'), { minLength: 2, maxLength: 3 }).map((terms): Written => ({
          text: terms.map((term) => `(${term.text})`).join(' and '),
          of: (row) => {
            const values = terms.map((term) => term.of(row));
            return values.includes(false) ? false : values.includes(null) ? null : true;
          },
        })),
        fc.array(tie('condition'), { minLength: 2, maxLength: 3 }).map((terms): Written => ({
          text: terms.map((term) => `(${term.text})`).join(' or '),
          of: (row) => {
            const values = terms.map((term) => term.of(row));
            return values.includes(true) ? true : values.includes(null) ? null : false;
          },
        })),
        tie('condition').map((term) => strict(`not (${term.text})`, [term], (value: boolean) => !value)),
      ),
    };
  },
);

async function keysWhere(store: Store, text: string): Promise<readonly unknown[]> {
  const parameters = new Parameters(store.engine);
  const scope = { leagues: 'ALL', snapshot: store.stamp(), asOf: created, readAt: created } as const;
  const relation = filtered(rowsOf(table, scope, parameters), parseFilter(text), parameters);
  const keys: unknown[] = [];
  const slice = { columns: ['id'], order: [{ column: 'id', descending: false }] };
  for await (const rows of store.read(sliceOf(relation, slice, parameters))) keys.push(...rows.map(([key]) => key));
  return keys;
}

function describeFilters(store: () => Store, numRuns: number): void {
  test('keep the rows for which the expression is true', async () => {
    await fc.assert(
      fc.asyncProperty(condition, async (written) => {
        const expected = runs.filter((row) => written.of(row) === true).map(({ id }) => id);
        expect(await keysWhere(store(), written.text)).toEqual(expected);
      }),
      { numRuns },
    );
  });
}

describeEngines('filters', [{ table, rows: runs, mode: 'UPSERT' }], (store, engine) =>
  describeFilters(store, engine === 'duckdb' ? 200 : 100),
);
