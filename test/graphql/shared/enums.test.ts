import { isEnumType } from 'graphql';
import { expect, test } from 'vitest';
import { schema } from '../../../src/graphql/schema.ts';

test('no two enums have the same values', () => {
  const enums = Object.values(schema.getTypeMap())
    .filter(isEnumType)
    .filter(({ name }) => !name.startsWith('__'));
  expect(enums.length).toBeGreaterThan(10);
  const words = enums.map((type) =>
    type
      .getValues()
      .map(({ name }) => name)
      .sort()
      .join(' '),
  );
  const namesakes = enums.filter((_, index) => words.indexOf(words[index] ?? '') < index).map(({ name }) => name);
  expect(namesakes).toEqual([]);
});
