import { once } from 'node:events';
import http, { type IncomingMessage } from 'node:http';
import https from 'node:https';
import { runKeyCommand } from '../callers/keyCommand.ts';
import { openDataDirectory, readConfig, type Config, type TicsConfig } from '../config/config.ts';
import { createGateway } from '../gateway/gateway.ts';
import { assertPortsFree } from '../server/listen.ts';
import { withoutTables } from '../gateway/operationContext.ts';
import { createReloadable } from '../server/reload.ts';
import { startServer } from '../server/server.ts';
import { createShedding } from '../server/shedding.ts';
import { openProcessLog, type Logger, type ProcessLog } from '../telemetry/log.ts';
import { createMetrics } from '../telemetry/metrics.ts';
import { startTracing } from '../telemetry/tracing.ts';
import { createAccounts } from '../upstream/tokens.ts';
import { biTables, keyRoles } from './biTables.ts';
import { openShared, openSharedKeys } from './shared.ts';
import { embeddedConfig, loopbackHost, startEmbeddedTics } from './embeddedTics.ts';
import { createDemoCallers, type DemoCallers } from './demoCallers.ts';
import type { Signals, StopSignal } from './signals.ts';
import { watchFiles } from './watchFiles.ts';

type Configured = Config & { readonly tics: TicsConfig };

function isConfigured(config: Config): config is Configured {
  return config.tics !== undefined;
}

/** Requests are taken for so long after a signal to stop, at most: nobody waits for load balancers at a terminal. */
const longestNoticeMs = { SIGTERM: Infinity, SIGINT: 500, SIGHUP: 500 } satisfies Record<StopSignal, number>;

/** The process ends after this long, whatever hangs. */
const stopWithinMs = 9_700;

const healthWithinMs = 2_500;

/** The last lines of the log have so long to be written. */
const flushMs = 200;

/** Starts the embedded TICS in place of the one that is not configured. Its end is the end of this process. */
async function withEmbeddedTics(
  config: Config,
  { log, exit }: { readonly log: Logger; readonly exit: (code: number) => void },
  demo: DemoCallers | undefined,
): Promise<Configured> {
  const embedded = await startEmbeddedTics();
  const { spaceUrl, iamUrl, controlUrl, agents } = embedded.info;
  log.info(
    { spaceUrl, iamUrl, controlUrl, agents: agents.length, pid: embedded.pid },
    'no tics is configured: the embedded TICS has started',
  );
  embedded.onExit((code, signal) => {
    log.fatal({ code, signal }, 'the embedded TICS has ended, and its state is gone');
    exit(1);
  });
  demo?.makeKeys(agents[0]?.leagueId);
  return { ...config, tics: embeddedConfig(embedded) };
}

/** Which pages and which hosts are let in: those of the public address, and the lists. */
function edgeOf({ publicUrl, origins = [], hosts = [] }: Config) {
  const own = publicUrl === undefined ? undefined : new URL(publicUrl);
  return {
    origins: [...(own ? [own.origin] : []), ...origins],
    hosts: [...(own ? [own.hostname] : []), ...hosts],
    isPublicTls: own?.protocol === 'https:',
  };
}

/** Where operators ask, if not on the port of the API. */
function adminOf({ admin, metricsPort }: Config, host: string) {
  return admin ?? (metricsPort === undefined ? undefined : { host, port: metricsPort });
}

/** Says in the log what an operator should have meant. */
function warnOfOpenDoors({ callers, host, publicUrl, tls, trustedProxies }: Configured, log: Logger): void {
  if (callers?.anonymous)
    log.warn('callers: anonymous. Whoever reaches the port acts with the rights of tics.account.');
  const isTlsBefore = publicUrl?.startsWith('https:') || trustedProxies !== undefined;
  if (tls === undefined && !isTlsBefore && loopbackHost(host) !== host)
    log.warn({ host }, 'plain HTTP beyond loopback: set tls, or end TLS before and set trustedProxies or publicUrl');
}

/** Says at the terminal who may try it out, and where its pages are. */
function tellPages(
  at: string,
  pages: { readonly demo: string; readonly graphiql: boolean; readonly bi: boolean },
): void {
  const lines = [
    pages.demo,
    pages.graphiql ? `  GraphiQL  ${at}/graphql\n` : '',
    pages.bi ? `  BI tools  ${at}/bi\n` : '',
  ];
  process.stderr.write(`\n${lines.join('')}\n`);
}

/**
 * Starts the gateway and serves until a signal to stop.
 *
 * @param demo - callers for the embedded TICS, in place of those of the configuration
 */
async function serve(
  signals: Signals,
  { log, droppedLines, flush }: ProcessLog,
  demo: DemoCallers | undefined,
): Promise<void> {
  const exit = (code: number): void => void flush(flushMs).then(() => process.exit(code));
  // Nothing is sure any more after it, so the process ends; but its last word stands where all others do.
  process.on('uncaughtException', (error) => {
    log.fatal({ err: error }, 'internal error');
    exit(1);
  });
  const onOverrides = (keys: unknown) =>
    log.warn({ keys }, 'configuration: the environment overrides keys of the file');
  const read = (): Config => ({ ...readConfig(undefined, onOverrides), ...demo?.config });
  const file = read();
  if (demo && isConfigured(file)) throw new Error(`${demoSwitch} is for the embedded TICS, and tics is configured.`);
  const { port, publicUrl } = file;
  const host = isConfigured(file) ? file.host : loopbackHost(file.host);
  // The embedded TICS takes seconds to start: what prevents listening is told before.
  const admin = adminOf(file, host);
  await assertPortsFree([{ host, port }, ...(admin ? [admin] : [])]);
  const config = isConfigured(file) ? file : await withEmbeddedTics(file, { log, exit }, demo);
  if (isConfigured(file)) warnOfOpenDoors(file, log);
  // The embedded TICS is for development: nothing of it is worth hiding.
  const development = isConfigured(file) ? 'off' : 'on';
  const graphiql = (config.graphiql ?? development) === 'on';
  const tracing = config.tracing && (await startTracing(config.tracing, log));
  const metrics = createMetrics(droppedLines);
  const shared = config.redis && (await openShared(config.redis, { log, metrics }));
  const accounts = createAccounts(shared?.signIns);
  const gateway = createReloadable({
    file,
    config,
    read,
    build: (built) =>
      createGateway(
        { ...built, introspection: built.introspection ?? development },
        // Tables are opened by the first who reads them, with the gateway that this one makes.
        {
          ...{ log, tracing, metrics, shared },
          resilience: { accounts },
          readRows: (...query) => (bi?.readRows ?? withoutTables)(...query),
        },
      ),
    onReload: ({ tls }) => tls && server.setTls(tls),
    metrics,
    log,
  });
  const bi = biTables(config, gateway, log);
  const server = await startServer(gateway, {
    ...{ host, port, tls: config.tls, admin, log, bi: bi?.handle },
    shedding: createShedding(() => gateway.config().limits),
    limits: () => gateway.config().limits,
    trustedProxies: config.trustedProxies,
    budgets: shared?.budgets,
    ...edgeOf(config),
    graphiql,
  });
  watchFiles(config.tls?.paths ?? [], () => void gateway.reload());
  log.info({ url: server.url, metricsUrl: server.metricsUrl }, 'listening');
  bi?.start();
  tellPages(publicUrl ?? server.url, { demo: demo?.text() ?? '', graphiql, bi: bi !== undefined });

  signals.handle({
    stop: (signal) => {
      log.info({ signal }, 'stopping: requests in flight may finish');
      setTimeout(() => process.exit(0), stopWithinMs);
      const closed = server
        .close(Math.min(config.shutdownDelayMs, longestNoticeMs[signal]))
        .then(() => bi?.close())
        .then(() => tracing?.close())
        .then(() => shared?.close());
      closed.then(
        () => exit(0),
        (error: unknown) => {
          log.error({ err: error }, 'internal error');
          exit(1);
        },
      );
    },
    reload: () => void gateway.reload(),
  });
}

/** `node main.js health`: asks the gateway that runs by the same configuration. Without an answer the exit code is 1. */
async function runHealth(): Promise<number> {
  const { host: listening, port, tls } = readConfig();
  const host = { '0.0.0.0': '127.0.0.1', '::': '::1' }[listening] ?? listening;
  const { get } = tls === undefined ? http : https;
  // It asks itself: the names in the certificate are for others.
  const options = { host, port, path: '/healthz', rejectUnauthorized: false, timeout: healthWithinMs };
  const [{ statusCode }] = (await once(get(options), 'response')) as [IncomingMessage];
  return statusCode === 200 ? 0 : 1;
}

/** `node main.js key …`: the configuration says where the keys are, and the Postgres of BI. */
async function runKeys(args: readonly string[]): Promise<number> {
  const { dataDirectory, bi, redis } = readConfig();
  const shared = redis && (await openSharedKeys(redis));
  const options = {
    directory: openDataDirectory(dataDirectory),
    write: (text: string) => void process.stdout.write(text),
  };
  const sql = bi.databaseUrl === undefined ? undefined : keyRoles(bi.databaseUrl);
  try {
    return await runKeyCommand(args, { ...options, sql, shared: shared?.keys });
  } finally {
    shared?.close();
  }
}

/** Ready-made callers for the embedded TICS. */
const demoSwitch = '--callers';

/** The command line: without arguments or with `--callers` the gateway, `key …` its API keys, `health` its health check. */
export async function main([command, ...args]: readonly string[], signals: Signals): Promise<void> {
  try {
    if (command === 'key') process.exitCode = await runKeys(args);
    // Without waiting for its connection.
    else if (command === 'health') process.exit(await runHealth());
    else {
      const log = openProcessLog({ onTerminalGone: () => signals.stop('SIGHUP') });
      await serve(signals, log, command === demoSwitch ? createDemoCallers() : undefined);
    }
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
    process.exit(1);
  }
}
