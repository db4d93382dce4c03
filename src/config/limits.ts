import * as z from 'zod';
import { milliseconds, positiveInteger } from './values.ts';

/** Section `limits`. */
export const limits = z.strictObject(
  {
    operations: positiveInteger
      .default(500)
      .describe(
        'Operations at once, those that wait for their turn among them, without subscriptions. One caller has half of them at most; anonymous callers cannot be told apart.',
      ),
    operationTimeoutMs: milliseconds(1)
      .default(30_000)
      .describe('Time limit of a query or mutation as a whole, without what its own input asks to wait.'),
    resultObjects: positiveInteger
      .default(50_000)
      .describe('Objects of one result. A query with more ends with `RESULT_TOO_LARGE`.'),
    resultValues: positiveInteger
      .default(1_000_000)
      .describe('Values of leaf fields in one result. A query with more ends with `RESULT_TOO_LARGE`.'),
    resultBytes: positiveInteger
      .default(10_000_000)
      .describe('Bytes of one result, those of its errors included. A query with more ends with `RESULT_TOO_LARGE`.'),
    depth: positiveInteger.default(25).describe('Levels of fields in a document.'),
    aliases: positiveInteger.default(500).describe('Aliases in a document.'),
    directives: positiveInteger.default(50).describe('Directives in a document.'),
    tokens: positiveInteger.default(10_000).describe('Tokens of a document.'),
    operationCalls: positiveInteger
      .default(500)
      .describe(
        'Upstream calls that one operation may cost by what its fields claim. One that costs more is refused with `COST_LIMIT`; a query whose lists are longer claims each further page before it is sent, and ends with it.',
      ),
    callerCallsPerMinute: positiveInteger
      .default(3_000)
      .describe(
        'Upstream calls a minute of one caller, refilled all the time. Above them operations are refused with `THROTTLED`. Events of subscriptions take theirs when they come. Anonymous callers cannot be told apart and have no such budget.',
      ),
    cost: z
      .enum(['enforce', 'measure'], 'enforce or measure')
      .default('enforce')
      .describe('`measure` tells what operations cost and refuses none for it.'),
    upstreamConnections: positiveInteger
      .default(128)
      .describe('Connections to one upstream (the space plane, IAM, each agent), and so calls to it at once.'),
    subscriptions: positiveInteger
      .default(20_000)
      .describe('Subscriptions at once. One caller has half of them at most.'),
    connectionsPerAddress: positiveInteger
      .default(2_000)
      .describe(
        'Connections of one address (of IPv6: one /64) at once, without WebSockets whose caller was let in, up to half of `subscriptions` of each caller; more are closed. It is not for `trustedProxies`.',
      ),
    failedAuthenticationsPerMinute: positiveInteger
      .default(60)
      .describe(
        'Credentials of one address (of IPv6: one /64) that are not valid, a minute. Above them requests with credentials are refused with `THROTTLED` (HTTP 429).',
      ),
  },
  'a map of limits',
);

export type LimitsConfig = z.output<typeof limits>;

/** The part of a limit of concurrent work that one caller may take: others are always served. */
export function callerShareOf(limit: number): number {
  return Math.ceil(limit / 2);
}

/** Limits of concurrent work. */
export type LoadLimits = Pick<LimitsConfig, 'operations' | 'subscriptions'>;
