import * as z from 'zod';
import { milliseconds, positiveInteger, ticsId } from './values.ts';

const postgresUrl = 'a postgres:// address';

const interval = milliseconds(1_000);

/** Section `bi`: storage and refresh of the tables for BI tools. */
export const bi = z.strictObject(
  {
    storage: z
      .enum(['off', 'memory', 'file'], 'off, memory or file')
      .default('memory')
      .describe(
        'Where the embedded DuckDB keeps the rows: in `bi.duckdb` of `dataDirectory` (default where that is set), or in memory. `off`: no `/bi` and no `/odata`, and nothing of them is loaded.',
      ),
    databaseUrl: z
      .string(postgresUrl)
      .regex(/^postgres(ql)?:\/\/\S+$/i, postgresUrl)
      .optional()
      .describe(
        'A Postgres that keeps the rows in its schema `bi_v1`, in place of DuckDB, for BI tools that speak SQL. The environment variable `DATABASE_URL` overrides it.',
      ),
    refreshMs: interval.default(30_000).describe('Interval between refreshes of facts.'),
    dimensionsMs: interval
      .default(900_000)
      .describe('Interval between refreshes of dimensions, where the audit log tells of no change before.'),
    sweepMs: interval.default(21_600_000).describe('Interval between reads of whole lists, which find deletions.'),
    historyDays: positiveInteger
      .max(36_500, 'at most 36500')
      .default(365)
      .describe('How many days of history are kept.'),
    leagues: z
      .array(ticsId('a league id'), 'a list of league ids')
      .min(1)
      .optional()
      .describe('Ids of the leagues whose rows are kept. Default: all that the account sees.'),
    callsPerSecond: positiveInteger
      .default(20)
      .describe('Upstream calls a second, at most. At most 4 run at once, so that operations find room.'),
    queryTimeoutMs: interval
      .default(60_000)
      .describe('Time that the engine works on one query of a reader; what its reader takes to read does not count.'),
    answerTimeoutMs: interval
      .default(600_000)
      .describe('Time that an answer takes, at most, however slowly it is read.'),
    maxRows: positiveInteger.default(10_000_000).describe('Rows of one feed, at most. A larger one is read in parts.'),
    memoryLimitMb: z
      .int('whole megabytes')
      .min(64, 'at least 64')
      .default(512)
      .describe('Memory of DuckDB, at most; in a Postgres that of the queries of readers, each a tenth.'),
  },
  'off, or a map of keys',
);

export type BiConfig = Readonly<z.output<typeof bi>>;
