import * as z from 'zod';
import { durationMs, milliseconds, positiveInteger } from './values.ts';

const interval = milliseconds(100);

function isMore(one: unknown, other: unknown): boolean {
  return typeof one === 'number' && typeof other === 'number' && one > other;
}

/** Section `watching`: polling intervals. */
export const watching = z
  .strictObject(
    {
      quickMs: interval.default(1_000).describe('Interval between polls of a run after a start, a write or a change.'),
      slowestMs: interval
        .optional()
        .describe(
          'Longest interval between polls of a run that does not change. Default: 15000, or `quickMs` where that is more.',
        ),
      agentQuickMs: interval.default(5_000).describe('Interval between polls of an agent after a change.'),
      agentSlowestMs: interval
        .optional()
        .describe(
          'Longest interval between polls of an agent that does not change. Default: 60000, or `agentQuickMs` where that is more.',
        ),
      longestPauseMs: interval.default(60_000).describe('Longest interval while polls fail.'),
      rememberMs: durationMs
        .default(60_000)
        .describe('For so long a cursor stays known after the last subscriber has left.'),
      pollsPerSecond: positiveInteger
        .default(20)
        .describe('Polls a second of one upstream, at most. Replicas divide them.'),
    },
    'quickMs, slowestMs, agentQuickMs, agentSlowestMs, longestPauseMs, rememberMs, pollsPerSecond',
  )
  .superRefine(
    ({ quickMs, slowestMs, agentQuickMs, agentSlowestMs }, context) => {
      if (isMore(quickMs, slowestMs))
        context.addIssue({ code: 'custom', path: ['slowestMs'], message: 'at least quickMs' });
      if (isMore(agentQuickMs, agentSlowestMs))
        context.addIssue({ code: 'custom', path: ['agentSlowestMs'], message: 'at least agentQuickMs' });
    },
    { when: ({ value }) => typeof value === 'object' && value !== null },
  )
  .transform(({ slowestMs, agentSlowestMs, ...rest }) => ({
    ...rest,
    slowestMs: slowestMs ?? Math.max(15_000, rest.quickMs),
    agentSlowestMs: agentSlowestMs ?? Math.max(60_000, rest.agentQuickMs),
  }));

export type WatchingConfig = z.output<typeof watching>;
