import { expect, test } from 'vitest';
import type { Context } from '../../src/graphql/context.ts';
import { withProvenance } from '../../src/gateway/provenance.ts';

test('of several cached answers to one call report the age of the oldest', () => {
  const staleAnswers = [5_000, 61_000, 7_000].map((ageMs) => ({ plane: 'SPACE', call: 'listLeagues', ageMs }));
  const context = { operation: { staleAnswers, failovers: [] } } as unknown as Context;
  expect(withProvenance({ data: {} }, context)).toEqual({
    data: {},
    extensions: { stale: [{ plane: 'SPACE', call: 'listLeagues', ageSeconds: 61 }] },
  });
});
