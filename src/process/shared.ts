import type { RedisConfig } from '../config/config.ts';
import type { Shared } from '../shared/shared.ts';
import type { Logger } from '../telemetry/log.ts';
import type { Metrics } from '../telemetry/metrics.ts';

/** Connects to the Valkey or Redis that replicas share. Its code is loaded on first use. */
export async function openShared(
  config: RedisConfig,
  { log, metrics }: { readonly log: Logger; readonly metrics: Metrics },
): Promise<Shared> {
  const { openShared: open } = await import('../shared/redis/open.ts');
  const shared = await open(config, {
    onHealth: ({ answers, reason, replicas }) =>
      answers
        ? log.info({ replicas }, 'redis: answers, replicas act as one')
        : log.warn({ reason }, 'redis: does not answer, this replica relies on its own memory until it does'),
    onUnreadable: (what) =>
      log.warn(
        { what },
        'redis: a value is of another version or was encrypted by another key; it is left alone, and this replica relies on its own memory',
      ),
  });
  metrics.sharing(shared.figures);
  const { answers, reason } = shared.health();
  if (!answers) log.warn({ reason }, 'redis: does not answer, this replica relies on its own memory until it does');
  return shared;
}

/** Connects to the API keys that replicas share, for the key command. */
export async function openSharedKeys(config: RedisConfig) {
  const { openSharedKeys: open } = await import('../shared/redis/open.ts');
  return open(config, {
    onUnreadable: (what) =>
      void process.stderr.write(`redis: ${what} are of another version or encrypted by another key: left alone.\n`),
  });
}
