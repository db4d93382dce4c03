import * as z from 'zod';
import { durationMs } from './values.ts';

/** Section `cache`: how long upstream answers are served again. */
export const cache = z.strictObject(
  {
    freshMs: durationMs.default(0).describe('For so long an answer is used in place of a new call.'),
    staleMs: durationMs.default(0).describe('For so long it is used at once, and read again in the background.'),
    staleIfErrorMs: durationMs.default(300_000).describe('For so long it is used when the call fails.'),
  },
  'freshMs, staleMs, staleIfErrorMs',
);

export type CacheConfig = z.output<typeof cache>;
