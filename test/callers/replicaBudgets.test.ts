import { expect, test } from 'vitest';
import { ReplicaBudgets } from '../../src/callers/replicaBudgets.ts';
import type { SharedBudgets } from '../../src/shared/budgets.ts';

test('a message that overtakes the reply to an older exchange is not lost', async () => {
  const maximum = 12;
  const published: ((name: string, used: number) => void)[] = [];
  let exchanges = 0;
  const shared: SharedBudgets = {
    nameOf: (caller) => caller,
    exchange: (_kind, _limit, changes) => {
      exchanges += 1;
      // Meanwhile another replica used up the rest: its message comes by another connection.
      for (const publish of published) publish('wrong', maximum);
      return Promise.resolve(changes.map(({ calls }) => ({ taken: calls, used: calls })));
    },
    onUsedUp: (_kind, listener) => {
      published.push(listener);
      return () => undefined;
    },
    answers: () => true,
    replicas: () => 3,
  };
  const budgets = new ReplicaBudgets(maximum, { kind: 'test', shared, now: () => 0 });
  budgets.correct('wrong', 4);
  expect(budgets.stateOf('wrong').currentlyAvailable).toBe(maximum - 4);
  await expect.poll(() => exchanges).toBe(1);
  expect(budgets.stateOf('wrong').currentlyAvailable).toBe(0);
  budgets.close();
});
