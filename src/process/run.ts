import { runKeyCommand } from '../callers/keyCommand.ts';
import { openDataDirectory, readConfig } from '../config/config.ts';
import { messageOf } from '../errors.ts';
import { openProcessLog } from '../telemetry/log.ts';
import { keyRoles } from './biTables.ts';
import { createDemoCallers, demoSwitch } from './demoCallers.ts';
import { isHealthy } from './health.ts';
import { serve } from './serve.ts';
import { openSharedKeys } from './shared.ts';
import type { Signals } from './signals.ts';

/** `key …`: the configuration says where the keys are, the Postgres of BI, and what replicas share. */
async function runKeys(args: readonly string[]): Promise<number> {
  const { dataDirectory, bi, redis } = readConfig();
  const shared = redis && (await openSharedKeys(redis));
  try {
    return await runKeyCommand(args, {
      directory: openDataDirectory(dataDirectory),
      write: (text: string) => void process.stdout.write(text),
      sql: bi.databaseUrl === undefined ? undefined : keyRoles(bi.databaseUrl),
      shared: shared?.keys,
    });
  } finally {
    shared?.close();
  }
}

async function run([command, ...args]: readonly string[], signals: Signals): Promise<void> {
  switch (command) {
    case 'key':
      process.exitCode = await runKeys(args);
      return;
    case 'health':
      // Without waiting for its connection.
      return process.exit((await isHealthy()) ? 0 : 1);
    default: {
      const log = openProcessLog({ onTerminalGone: () => signals.stop('SIGHUP') });
      await serve(signals, log, command === demoSwitch ? createDemoCallers() : undefined);
    }
  }
}

/** The command line: without arguments or with `--callers` the gateway, `key …` its API keys, `health` its health check. */
export async function main(args: readonly string[], signals: Signals): Promise<void> {
  try {
    await run(args, signals);
  } catch (error) {
    process.stderr.write(`${messageOf(error)}\n`);
    process.exit(1);
  }
}
