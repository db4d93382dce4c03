import { expect, test } from 'vitest';
import { createRateLimiter } from '../../src/status/polling/rateLimiter.ts';
import { createSimulatedClock } from './simulation.ts';

const perSecond = 20;
const seconds = 60;

test.each([1, 2, 3, 20, 21, 100])('%i replicas poll an upstream no more often than one does', async (replicas) => {
  const clock = createSimulatedClock();
  let polls = 0;
  const run = (): boolean => {
    polls += 1;
    return true;
  };
  for (let replica = 0; replica < replicas; replica += 1) {
    const limiter = createRateLimiter(clock, perSecond, () => replicas);
    for (let waiting = 0; waiting <= perSecond * seconds; waiting += 1)
      limiter.schedule('upstream', 'account', { run, onPause: () => undefined });
  }
  await clock.advance(seconds * 1_000);
  expect(polls).toBeGreaterThan(0.98 * perSecond * seconds);
  // Each may begin with what it has at once.
  expect(polls).toBeLessThanOrEqual(perSecond * seconds + Math.max(perSecond, replicas));
});
