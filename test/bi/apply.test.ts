import fc from 'fast-check';
import { expect, test } from 'vitest';
import { tables } from '../../src/bi/model/tables.ts';
import type { Row, Value } from '../../src/bi/model/types.ts';
import { parseApply } from '../../src/bi/odata/parser.ts';
import { Parameters } from '../../src/bi/query/compile.ts';
import { pipeline, sequenceOf, totalOrder } from '../../src/bi/query/pipeline.ts';
import { sliceOf } from '../../src/bi/query/relation.ts';
import type { Store } from '../../src/bi/store/store.ts';
import { describeEngines } from './stage.ts';

const table = tables.audit_event;
const created = '2026-01-01T00:00:00.000Z';
const leagues = ['a', 'b', 'c'];

/** Events of three leagues; `text` is null in some. */
const events: readonly Row[] = Array.from({ length: 40 }, (_, index) => ({
  id: `${String(index).padStart(2, '0')}`,
  league_id: leagues[index % 3] ?? null,
  text: index % 7 === 0 ? null : 'x'.repeat(index % 5),
  date: '2026-01-01',
  created_at: created,
}));

/** Rows as the model has them: in order. */
interface Model {
  readonly rows: readonly Row[];
  readonly isGrouped: boolean;
}

/** A step as text, and what it makes of rows in order. */
interface Written {
  readonly text: string;
  readonly of: (model: Model) => Model;
  /** It works on groups, or on rows of the table. */
  readonly on: 'ROWS' | 'GROUPS' | 'ANY';
}

function compareValues(one: Value, other: Value): number {
  if (one === other) return 0;
  if (one === null) return -1;
  if (other === null) return 1;
  return one < other ? -1 : 1;
}

function unique({ isGrouped }: Model, row: Row): Value {
  return row[isGrouped ? 'league_id' : 'id'] ?? null;
}

/** Ordered by a value, and by what no two rows are alike in. */
function sorted(model: Model, value: (row: Row) => Value, sign = 1): readonly Row[] {
  return model.rows.toSorted(
    (one, other) =>
      sign * compareValues(value(one), value(other)) || compareValues(unique(model, one), unique(model, other)),
  );
}

function lengthOf({ text }: Row): bigint | null {
  return typeof text === 'string' ? BigInt(text.length) : null;
}

function same(change: (rows: readonly Row[], model: Model) => readonly Row[]): Written['of'] {
  return (model) => ({ ...model, rows: change(model.rows, model) });
}

function extremes(count: number, sign: 1 | -1): Written['of'] {
  return same((rows, model) => {
    const kept = new Set(
      // Ties are told apart by the order of the rows.
      rows
        .map((row, index) => ({ row, index, value: lengthOf(row) }))
        .filter(({ value }) => value !== null)
        .toSorted((one, other) => sign * compareValues(one.value, other.value) || one.index - other.index)
        .slice(0, count)
        .map(({ row }) => unique(model, row)),
    );
    return rows.filter((row) => kept.has(unique(model, row)));
  });
}

const few = fc.nat({ max: 12 });
const step: fc.Arbitrary<Written> = fc.oneof(
  few.map((count): Written => ({ text: `top(${count})`, on: 'ANY', of: same((rows) => rows.slice(0, count)) })),
  few.map((count): Written => ({ text: `skip(${count})`, on: 'ANY', of: same((rows) => rows.slice(count)) })),
  fc.constantFrom(...leagues).map((id): Written => ({
    text: `filter(league_id ne '${id}')`,
    on: 'ANY',
    of: same((rows) => rows.filter((row) => row['league_id'] !== id)),
  })),
  fc.constantFrom(1, -1).map((sign): Written => ({
    text: `orderby(text${sign > 0 ? '' : ' desc'})`,
    on: 'ROWS',
    of: same((_, model) => sorted(model, (row) => row['text'] ?? null, sign)),
  })),
  few.map((count): Written => ({ text: `topcount(${count},length(text))`, on: 'ROWS', of: extremes(count, -1) })),
  few.map((count): Written => ({ text: `bottomcount(${count},length(text))`, on: 'ROWS', of: extremes(count, 1) })),
  fc.constant<Written>({
    text: 'groupby((league_id),aggregate($count as events,length(text) with sum as total,text with max as longest))',
    on: 'ROWS',
    of: ({ rows }) => ({
      isGrouped: true,
      rows: leagues.flatMap((id) => {
        const own = rows.filter((row) => row['league_id'] === id);
        const lengths = own.map(lengthOf).filter((length) => length !== null);
        const total = lengths.length === 0 ? null : lengths.reduce((sum, length) => sum + length, 0n);
        const longest = own.reduce<Value>(
          (most, { text = null }) => (compareValues(text, most) > 0 ? text : most),
          null,
        );
        return own.length === 0 ? [] : [{ league_id: id, events: BigInt(own.length), total, longest }];
      }),
    }),
  }),
  fc.constant<Written>({
    text: 'orderby(events desc)',
    on: 'GROUPS',
    of: same((_, model) => sorted(model, (row) => row['events'] ?? null, -1)),
  }),
);

/** Steps that fit to one another. */
const steps = fc.array(step, { minLength: 1, maxLength: 6 }).map((written) => {
  let isGrouped = false;
  return written.filter(({ on, text }) => {
    if (on !== 'ANY' && (on === 'GROUPS') !== isGrouped) return false;
    isGrouped ||= text.startsWith('groupby');
    return true;
  });
});

function modelOf(written: readonly Written[]): Model {
  return written.reduce((model, { of }) => of(model), { rows: events, isGrouped: false } as Model);
}

function textOf(written: readonly Written[]): string {
  return written.length === 0 ? 'identity' : written.map(({ text }) => text).join('/');
}

async function answer(store: Store, text: string): Promise<readonly Row[]> {
  const parameters = new Parameters(store.engine);
  const scope = { leagues: 'ALL', snapshot: store.stamp(), asOf: created, readAt: created } as const;
  const sequence = pipeline(sequenceOf(table, scope, parameters), parseApply(text), parameters);
  const columns = [...sequence.relation.columns.keys()];
  const slice = { columns, order: totalOrder(sequence) };
  const found: Row[] = [];
  for await (const rows of store.read(sliceOf(sequence.relation, slice, parameters)))
    for (const row of rows) found.push(Object.fromEntries(columns.map((name, at) => [name, row[at] ?? null])));
  return found;
}

/** What the model has of each row. */
function shown({ isGrouped }: Model, rows: readonly Row[]): readonly unknown[] {
  return isGrouped ? rows : rows.map(({ id }) => id);
}

function describeSteps(store: () => Store, numRuns: number): void {
  test('do one after the other what each does alone', async () => {
    await fc.assert(
      fc.asyncProperty(steps, async (written) => {
        const model = modelOf(written);
        expect(shown(model, await answer(store(), textOf(written)))).toEqual(shown(model, model.rows));
      }),
      { numRuns },
    );
  });

  test('columns over columns, and lists with null in lists with null, are computed once: not twice for each level', async () => {
    const levels = Array.from({ length: 40 }, (_, level) => level);
    const columns = levels.map(
      (level) => `compute(${level === 0 ? '1' : `c${level - 1} mul c${level - 1}`} as c${level})`,
    );
    const isIn = levels.reduce((inner) => `(${inner} in (null,true))`, '(text eq null)');
    const found = await answer(store(), `${columns.join('/')}/filter(c39 eq 1 and ${isIn})/aggregate($count as rows)`);
    expect(found).toEqual([{ rows: BigInt(events.filter(({ text }) => text === null).length) }]);
  });

  test('concat answers each sequence over the same rows, in their order', async () => {
    await fc.assert(
      fc.asyncProperty(steps, steps, async (one, other) => {
        const found = await answer(store(), `filter(text ne null)/concat(${textOf(one)},${textOf(other)})`);
        const kept = { rows: events.filter(({ text }) => text !== null), isGrouped: false };
        for (const [part, written] of [one, other].entries()) {
          const model = written.reduce<Model>((made, { of }) => of(made), kept);
          const own = found.filter((row) => row['#part'] === BigInt(part));
          const names = model.isGrouped ? ['league_id', 'events', 'total', 'longest'] : ['id'];
          const pick = (row: Row) => names.map((name) => row[name]);
          expect(own.map(pick)).toEqual(model.rows.map(pick));
        }
        expect(found.map((row) => Number(row['#part']))).toEqual(
          found.map((row) => Number(row['#part'])).toSorted((a, b) => a - b),
        );
      }),
      { numRuns },
    );
  });

  test('compute adds columns that later steps take', async () => {
    const text =
      "compute(length(text) mul 2 as twice,concat(id,'!') as name)/filter(twice gt 4)/compute(twice add 1 as odd)/groupby((odd),aggregate(name with max as last))";
    const expected = [3n, 4n].map((length) => ({
      odd: length * 2n + 1n,
      last: `${String(events.findLast((event) => lengthOf(event) === length)?.['id'])}!`,
    }));
    expect(await answer(store(), text)).toEqual(expected);
  });
}

describeEngines('steps of $apply', [{ table, rows: events, mode: 'UPSERT' }], (store, engine) =>
  describeSteps(store, engine === 'duckdb' ? 120 : 40),
);
