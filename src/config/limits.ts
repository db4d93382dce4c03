import { z } from 'zod';
import { positiveInteger } from './values.ts';

/** How much work the gateway takes on at once. */
export const limits = z.strictObject(
  {
    operations: positiveInteger.default(500).describe('Operations at once, without subscriptions.'),
    operationTimeoutMs: positiveInteger
      .default(30_000)
      .describe('Time limit of a query or mutation as a whole, without what its own input asks to wait.'),
    resultObjects: positiveInteger
      .default(50_000)
      .describe('Objects of one result. A query with more ends with `RESULT_TOO_LARGE`.'),
    resultValues: positiveInteger
      .default(1_000_000)
      .describe('Values of leaf fields in one result. A query with more ends with `RESULT_TOO_LARGE`.'),
    subscriptions: positiveInteger.default(20_000).describe('Subscriptions at once.'),
    eventLoopLagMs: z
      .number('milliseconds above 0')
      .positive('milliseconds above 0')
      .default(100)
      .describe('Event loop lag (99th percentile) above which new operations are refused.'),
  },
  'operations, operationTimeoutMs, resultObjects, resultValues, subscriptions, eventLoopLagMs',
);

export type LimitsConfig = z.output<typeof limits>;

/** Limits of concurrent work. */
export type LoadLimits = Pick<LimitsConfig, 'operations' | 'subscriptions' | 'eventLoopLagMs'>;
