import * as z from 'zod';
import { bi } from './bi.ts';
import { cache } from './cache.ts';
import { callers, callersRequired } from './callers.ts';
import { dataDirectory } from './dataDirectory.ts';
import { documents } from './documents.ts';
import { limits } from './limits.ts';
import { listening } from './listening.ts';
import { redis } from './redis.ts';
import { tics } from './tics.ts';
import { tls } from './tls.ts';
import { tracing } from './tracing.ts';
import { watching } from './watching.ts';

/**
 * The configuration file. Each section is a file of this folder and a line here. docs/configuration.md is made from the keys'
 * descriptions.
 *
 * @param directory - relative paths are resolved against it
 */
export function configSchema(directory: string) {
  return z
    .strictObject(
      {
        ...listening,
        tls: tls(directory)
          .optional()
          .describe(
            'TLS is served here. Files that change are taken over within seconds, and on SIGHUP. Default: plain HTTP, for loopback or behind a proxy that ends TLS.',
          ),
        callers: callers
          .optional()
          .describe(
            'Who may call. The word `anonymous` stands for `{ anonymous: true }`: everyone who reaches the port has the rights of `tics.account`. Required with `tics`.',
          ),
        dataDirectory: dataDirectory(directory),
        auditFile: z
          .enum(['on', 'off'], 'on or off')
          .default('off')
          .describe('`on`: what mutations did is written to `audit.ndjson` in `dataDirectory` as well as to the log.'),
        tics: tics(directory).optional().describe('How TICS is reached. Without it the embedded TICS is started.'),
        documents: documents(directory).prefault({}).describe('Documents that clients name by a hash.'),
        limits: limits.prefault({}).describe('Load above which operations are refused with `OVERLOADED`.'),
        sharing: z
          .enum(['on', 'off'], 'on or off')
          .default('on')
          .describe(
            'Whether identical reads under way, of the same account and language, are one upstream call, and identical queries of one caller one execution.',
          ),
        cache: cache.prefault({}).describe('How long answers of reads are kept. 0 turns a use off.'),
        watching: watching.prefault({}).describe('How subscriptions are polled for.'),
        bi: bi.prefault({}).describe('Tables for BI tools. The word `off` stands for `{ storage: off }`.'),
        redis: redis(directory)
          .optional()
          .describe(
            'Valkey or Redis, through which any number of replicas act as one. Default: none, and each process stands alone.',
          ),
        tracing: tracing
          .optional()
          .describe(
            'Where traces go. Default: nowhere, unless `OTEL_EXPORTER_OTLP_ENDPOINT`, `OTEL_EXPORTER_OTLP_TRACES_ENDPOINT` or `OTEL_TRACES_EXPORTER` is set. The OpenTelemetry SDK reads its own variables, and they override these keys.',
          ),
      },
      'a map of keys',
    )
    .refine(({ tics: configured, callers: named }) => configured === undefined || named !== undefined, {
      path: ['callers'],
      error: callersRequired,
      // Reported together with faults of single keys.
      when: ({ value }) => typeof value === 'object' && value !== null,
    });
}

/** The whole configuration. Without `tics` the embedded TICS is started. */
export type Config = Readonly<z.output<ReturnType<typeof configSchema>>>;
