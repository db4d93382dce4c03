import { expect, test } from 'vitest';
import type { Context } from '../../src/graphql/context.ts';
import { withProvenance } from '../../src/gateway/provenance.ts';

test('of several kept answers to one call, the oldest is told of', () => {
  const kept = [5_000, 61_000, 7_000].map((ageMs) => ({ plane: 'SPACE', call: 'listLeagues', ageMs }));
  const context = { operation: { kept, failovers: [] } } as unknown as Context;
  expect(withProvenance({ data: {} }, context)).toEqual({
    data: {},
    extensions: { stale: [{ plane: 'SPACE', call: 'listLeagues', ageSeconds: 61 }] },
  });
});
