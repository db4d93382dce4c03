import { parse, validate } from 'graphql';
import { describe, expect, test } from 'vitest';
import { asks, queryOf, type Ask } from '../../bench/kit/queries.ts';
import { schema } from '../../src/graphql/schema.ts';

describe('what the bench asks', () => {
  const all: readonly Ask[] = [...Object.values(asks), { kind: 'rows', rows: 1_000 }];

  test.each(all)('is in the schema: $kind', (ask) => {
    expect(validate(schema, parse(queryOf(ask)))).toEqual([]);
  });
});
