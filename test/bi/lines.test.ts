import { expect, test } from 'vitest';
import { csvLine, jsonLine } from '../../src/bi/query/lines.ts';
import type { FeedColumn } from '../../src/bi/query/lines.ts';
import type { Row, Value } from '../../src/bi/model/types.ts';
import { Parameters } from '../../src/bi/query/compile.ts';
import type { Store } from '../../src/bi/store/store.ts';
import { describeEngines } from './stage.ts';

const columns: readonly FeedColumn[] = [
  { name: 'name', type: 'text', nullable: true },
  { name: 'count', type: 'integer', nullable: true },
  { name: 'ratio', type: 'number', nullable: true },
  { name: 'finished', type: 'boolean', nullable: true },
  { name: 'at', type: 'instant', nullable: true },
  { name: 'day', type: 'date', nullable: true },
];

const texts = [
  ...['', ' ', 'plain', ' left', 'right ', '"', '""', 'a,b', 'a\nb', 'a\r\nb', "it's", '\\', '\\n', '\t', '\u0001'],
  ...['联盟 “一”', '😀', '=1+1', '+1', '-1', '@x', '\t=1', '\r=1', '=a,"b"', '＝1+1', '＠x', '%_', '$1', '{}', 'null'],
];

const rows: readonly Row[] = [
  { name: null, count: null, ratio: null, finished: null, at: null, day: null },
  ...texts.map((name, index) => ({
    name,
    count: [0n, -1n, 9_007_199_254_740_993n, 2n ** 63n - 1n][index % 4] ?? null,
    ratio: [0.5, -1.25, 1024, 0.1][index % 4] ?? null,
    finished: index % 2 === 0,
    at: new Date(Date.UTC(2024, 1, 29, 23, 59, 58, index)).toISOString(),
    day: '2024-02-29',
  })),
];

/** The lines that an engine writes of the rows. */
async function linesOf(store: Store, write: (parameters: Parameters) => string): Promise<readonly string[]> {
  const parameters = new Parameters(store.engine);
  const values = rows.map(
    (row, index) =>
      `(${[index, ...columns.map(({ name, type }) => parameters.bind(row[name] ?? null, type))].join(', ')})`,
  );
  const names = ['row', ...columns.map(({ name }) => `"${name}"`)].join(', ');
  const text = `SELECT ${write(parameters)} FROM (VALUES ${values.join(', ')}) v (${names}) ORDER BY row`;
  const lines: string[] = [];
  for await (const chunk of store.read({ text, values: parameters.values }))
    lines.push(...chunk.map(([line]) => `${String(line)}\n`));
  const copied = store.copy?.({ text, values: parameters.values }, 'LINES', new AbortController().signal);
  if (copied !== undefined) {
    const pieces: Uint8Array[] = [];
    for await (const piece of copied) pieces.push(piece);
    expect(Buffer.concat(pieces).toString()).toBe(lines.join(''));
  }
  return lines;
}

/** RFC 4180, read without its quotes and breaks of lines in the way. */
function fieldsOf(line: string): readonly (string | null)[] {
  expect(line.endsWith('\r\n')).toBe(true);
  const fields = [...`,${line.slice(0, -2)}`.matchAll(/,(?:"((?:[^"]|"")*)"|([^",\r\n]*))(?=,|$)/g)];
  const values = fields.map(([, quoted, plain = '']) => quoted?.replaceAll('""', '"') ?? (plain === '' ? null : plain));
  // The engines write the same number, as 1024 or 1024.0.
  return values.map((value, index) => (columns[index]?.type === 'number' && value ? String(Number(value)) : value));
}

function shown(value: Value): string | null {
  return value === null ? null : String(value);
}

function describeLines(store: () => Store): void {
  test('CSV has every value, and tells null from an empty text', async () => {
    const lines = await linesOf(store(), (parameters) =>
      csvLine(columns, { excel: false, timeZone: 'Asia/Shanghai' }, parameters),
    );
    expect(lines.map(fieldsOf)).toEqual(rows.map((row) => columns.map(({ name }) => shown(row[name] ?? null))));
  });

  test('for Excel nothing is a formula, and times are local', async () => {
    const lines = await linesOf(store(), (parameters) =>
      csvLine(columns, { excel: true, timeZone: 'Asia/Shanghai' }, parameters),
    );
    expect(lines.map(fieldsOf)).toEqual(
      rows.map(({ name, count, ratio, finished, at, day }) => [
        typeof name === 'string' && /^[=+\-@＝＋－＠\t\r]/.test(name) ? `'${name}` : name,
        ...[count, ratio, finished].map((value) => shown(value ?? null)),
        at === null ? null : '2024-03-01 07:59:58',
        day,
      ]),
    );
  });

  test('NDJSON has every value, whole numbers with all digits', async () => {
    const lines = await linesOf(store(), (parameters) => jsonLine(columns, parameters));
    expect(lines.map((line) => JSON.parse(line) as unknown)).toEqual(
      rows.map((row) => ({ ...row, count: row['count'] === null ? null : Number(row['count']) })),
    );
    expect(lines[3]).toContain('"count":9007199254740993,');
    expect(new Set(lines.map((line) => line.indexOf('\n') === line.length - 1))).toEqual(new Set([true]));
  });
}

describeEngines('lines of feeds', [], describeLines);
