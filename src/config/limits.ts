import { z } from 'zod';
import { positiveInteger } from './values.ts';

/** How much work the gateway takes on at once. */
export const limits = z.strictObject(
  {
    operations: positiveInteger.default(500).describe('Operations at once, without subscriptions.'),
    subscriptions: positiveInteger.default(20_000).describe('Subscriptions at once.'),
    eventLoopLagMs: z
      .number('milliseconds above 0')
      .positive('milliseconds above 0')
      .default(100)
      .describe('Event loop lag (99th percentile) above which new operations are refused.'),
  },
  'operations, subscriptions, eventLoopLagMs',
);

export type LimitsConfig = z.output<typeof limits>;
