import { expect, test } from 'vitest';
import { plainDigits, writeJson } from '../../src/upstream/json.ts';

test.each([
  [1e-7, '0.0000001'],
  [-1.25e-9, '-0.00000000125'],
  [1e21, '1000000000000000000000'],
  [1.5e22, '15000000000000000000000'],
  [0.1, '0.1'],
  [-3, '-3'],
])('%d is written %s', (value, digits) => {
  expect(plainDigits(String(value))).toBe(digits);
  expect(writeJson({ value, list: [value] })).toBe(`{"value":${digits},"list":[${digits}]}`);
});

test('texts stay as they are', () => {
  const texts = { '1e-7': '1e-7', quoted: '"1e-7', escaped: '\\"2e9\\', 值: '1e21' };
  expect(JSON.parse(writeJson(texts))).toEqual(texts);
});
