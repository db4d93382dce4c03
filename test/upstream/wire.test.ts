import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { parseJson, parseLosslessJson } from '../../src/upstream/json.ts';
import { count, exactNumber, instant, integer } from '../../src/upstream/wire.ts';

describe('an instant', () => {
  const before = process.env['TZ'];
  beforeEach(() => {
    process.env['TZ'] = 'America/New_York';
  });
  afterEach(() => {
    if (before === undefined) delete process.env['TZ'];
    else process.env['TZ'] = before;
  });

  test.each([
    ['2022-10-08T08:54:26', '2022-10-08T08:54:26.000Z'],
    ['2022-10-08T08:54:26.120', '2022-10-08T08:54:26.120Z'],
    ['2022-10-08T08:54:26.120+00:00', '2022-10-08T08:54:26.120Z'],
    ['1970-01-01T00:00:00.001Z', '1970-01-01T00:00:00.001Z'],
    ['1665219266120', '2022-10-08T08:54:26.120Z'],
    ['1.665219266120E12', '2022-10-08T08:54:26.120Z'],
    ['1665219266120.0', '2022-10-08T08:54:26.120Z'],
    ['0.0', null],
    // In digits alone it was the year 2610.
    ['20221008085426', '2022-10-08T08:54:26.000Z'],
    ['20221008085426120', '2022-10-08T08:54:26.120Z'],
    ['20221008', '2022-10-08T00:00:00.000Z'],
    ['20220230085426', null],
    ['20221008245426', null],
    // Seconds, as frameworks write instants that nobody told otherwise.
    ['1665219266', '2022-10-08T08:54:26.000Z'],
    ['1665219266.120000000', '2022-10-08T08:54:26.120Z'],
    ['1.665219266120000000E9', '2022-10-08T08:54:26.120Z'],
    ['1665219266120000', null],
    ['2024-02-29T08:54:26.120Z', '2024-02-29T08:54:26.120Z'],
    ['2022-10-08 08:54:26.120', '2022-10-08T08:54:26.120Z'],
    ['2022-10-08T08:54:26.120000', '2022-10-08T08:54:26.120Z'],
    ['2022-10-08T08:54:26.120000Z', '2022-10-08T08:54:26.120Z'],
    ['2022-10-08T08:54:26.120+0800', '2022-10-08T00:54:26.120Z'],
    ['2022/11/03 21:34:35 GMT+8:00', '2022-11-03T13:34:35.000Z'],
    ['2022-02-30T08:54:26.000Z', null],
    ['2022-10-08T24:54:26.000Z', null],
    ['1970-01-01T00:00:00.000Z', null],
    ['0099-10-08T08:54:26.000Z', null],
    ['tomorrow', null],
  ])('%s is the same wherever the gateway runs', (written, read) => {
    expect(instant(written)).toBe(read);
  });
});

test.each<[unknown, unknown]>([
  [12, 12],
  ['12.0', 12],
  ['1.000034E+6', 1_000_034],
  ['1e3', 1_000],
  [' +7 ', 7],
  ['9007199254740993', '9007199254740993'],
  ['9007199254740993.00', '9007199254740993'],
  ['9.007199254740993E15', '9007199254740993'],
  ['-9223372036854775808', '-9223372036854775808'],
  // One more than 64 bits hold.
  ['9223372036854775808', null],
  ['9999999999999999999', null],
  ['1e300', null],
  [1.5, null],
  ['0x10', null],
  [true, null],
])('a count that is written as %j is %j', (written, read) => {
  expect(count(written)).toBe(read);
});

test('a whole number with an exponent fits where an Int is', () => {
  expect([integer('1.0E2'), integer(100.0), integer('2147483648')]).toEqual([100, 100, null]);
});

test.each<[unknown, unknown]>([
  [0.5, 0.5],
  ['0.50', 0.5],
  ['1e-7', 1e-7],
  ['0.98765432109876543210', '0.98765432109876543210'],
  ['9007199254740993', '9007199254740993'],
  ['12345678901234.123456789', '12345678901234.123456789'],
  ['100', 100],
  ['many', null],
])('a measured number that is written as %j is %j: no digit is lost', (written, read) => {
  expect(exactNumber(written)).toBe(read);
});

describe('JSON', () => {
  test.each<[string, unknown]>([
    ['12345678901234567890', '12345678901234567890'],
    ['[1,12345678901234567890]', [1, '12345678901234567890']],
    ['{"a": 1, "b":\n -12345678901234567890}', { a: 1, b: '-12345678901234567890' }],
    ['{"a": 9007199254740991}', { a: 9007199254740991 }],
    ['[9007199254740993.0, 9.007199254740993E15]', ['9007199254740993.0', '9.007199254740993E15']],
    ['{"a": 0.1234567890123456, "b": "12345678901234567890"}', { a: 0.1234567890123456, b: '12345678901234567890' }],
  ])('keeps all digits of whole numbers: %s', (written, read) => {
    expect(parseJson(written)).toEqual(read);
  });

  test('keeps all digits of a whole number wherever it stands in the text', () => {
    for (let padding = 0; padding < 40; padding += 1)
      for (const digits of ['9007199254740993', '12345678901234567', '123456789012345678901234567890'])
        expect(parseJson(`${' '.repeat(padding)}{"a": [${digits}]}`)).toEqual({ a: [digits] });
  });

  test.each(['', ', "long": 12345678901234567890'])('a key that comes twice has its last value (%s)', (more) => {
    expect(parseJson(`{"a": 1, "a": 2${more}}`)).toMatchObject({ a: 2 });
  });
});

test.each<[string, unknown]>([
  ['{"a": 1.10}', { a: '1.10' }],
  ['{"a": 1e-7, "b": 0.5, "c": 12}', { a: 1e-7, b: 0.5, c: 12 }],
  ['[0.1234567890123456789]', ['0.1234567890123456789']],
  ['[1,\n 2.50]', [1, '2.50']],
  ['{"a": "1.10"}', { a: '1.10' }],
  ['{"a": 12345678901234567890}', { a: '12345678901234567890' }],
  [String.raw`{"a": "{\"b\":1.10}"}`, { a: '{"b":1.10}' }],
])('lossless JSON keeps how decimals are written: %s', (written, read) => {
  expect(parseLosslessJson(written)).toEqual(read);
});
