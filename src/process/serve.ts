import { hasTics, readConfig, type Config, type ConfigWithTics } from '../config/config.ts';
import { createGateway } from '../gateway/gateway.ts';
import { withoutTables } from '../gateway/operationContext.ts';
import { assertPortsFree } from '../server/listen.ts';
import { createReloadable, type ReloadableGateway } from '../server/reload.ts';
import { startServer, type GatewayServer, type ServerOptions } from '../server/server.ts';
import { createShedding } from '../server/shedding.ts';
import type { Logger, ProcessLog } from '../telemetry/log.ts';
import { createMetrics } from '../telemetry/metrics.ts';
import { startTracing } from '../telemetry/tracing.ts';
import { createAccounts } from '../upstream/tokens.ts';
import { biTables } from './biTables.ts';
import { demoSwitch, type DemoCallers } from './demoCallers.ts';
import { withEmbeddedTics } from './embeddedTics.ts';
import { addressesOf, edgeOf, warnOfOpenDoors } from './listening.ts';
import { openShared } from './shared.ts';
import type { Signals, StopSignal } from './signals.ts';
import { watchFiles } from './watchFiles.ts';

/** Longest time between a signal and closing the listener: at a terminal no load balancer has to notice. */
const maxNoticeMs = { SIGTERM: Infinity, SIGINT: 500, SIGHUP: 500 } satisfies Record<StopSignal, number>;

/** The process ends after this long, whatever hangs. */
const stopWithinMs = 9_700;

/** Time limit for writing the last log lines. */
const flushMs = 200;

const ownTablesElsewhere =
  'bi: another replica keeps the tables in a DuckDB of its own, and this one would refresh them a second time. Set DATABASE_URL (or bi.databaseUrl) to a Postgres that all replicas share, or `bi: off` here.';

/** The configuration at the start, and how to read it again. */
interface Startup {
  /** The configuration file. Without `tics` when the embedded TICS is used. */
  readonly file: Config;
  readonly config: ConfigWithTics;
  readonly read: () => Config;
  /** Default of `graphiql` and `introspection`: on with the embedded TICS, off otherwise. */
  readonly development: 'on' | 'off';
}

/** Opens what survives a reload of the configuration. */
async function openServices(config: Config, { log, droppedLines }: ProcessLog) {
  const tracing = config.tracing && (await startTracing(config.tracing, log));
  const metrics = createMetrics(droppedLines);
  const shared = config.redis && (await openShared(config.redis, { log, metrics }));
  const hasOwnTables = config.bi.storage !== 'off' && config.bi.databaseUrl === undefined;
  if (shared && hasOwnTables && !(await shared.claim('bi'))) throw new Error(ownTablesElsewhere);
  return {
    log,
    tracing,
    metrics,
    shared,
    accounts: createAccounts(shared?.signIns),
    close: async (): Promise<void> => {
      await tracing?.close();
      await shared?.close();
    },
  };
}

interface Serving {
  readonly gateway: ReloadableGateway;
  readonly server: GatewayServer;
  readonly bi: ReturnType<typeof biTables>;
}

async function startServing(
  { file, config, read, development }: Startup,
  addresses: Pick<ServerOptions, 'host' | 'port' | 'admin'>,
  { log, metrics, tracing, shared, accounts }: Awaited<ReturnType<typeof openServices>>,
): Promise<Serving> {
  const gateway = createReloadable({
    file,
    config,
    read,
    metrics,
    log,
    build: (built) =>
      createGateway(
        { ...built, introspection: built.introspection ?? development },
        {
          log,
          tracing,
          metrics,
          shared,
          accounts,
          // `bi` is created after the gateway, which it reads through.
          readRows: (...query) => (bi?.readRows ?? withoutTables)(...query),
          onRuns: (runs) => bi?.onRuns(runs),
        },
      ),
    onReload: ({ tls }) => tls && server.setTls(tls),
  });
  const bi = biTables(config, gateway, { log, metrics });
  const limits = () => gateway.config().limits;
  const server = await startServer(gateway, {
    ...addresses,
    ...edgeOf(config),
    tls: config.tls,
    trustedProxies: config.trustedProxies,
    log,
    limits,
    bi: bi?.handle,
    budgets: shared?.budgets,
    shedding: createShedding(limits),
    graphiql: (config.graphiql ?? development) === 'on',
  });
  return { gateway, server, bi };
}

/** Prints demo keys and URLs to the terminal. */
function printPages(
  { config: { publicUrl, graphiql }, development }: Startup,
  { server, bi }: Serving,
  demo: DemoCallers | undefined,
): void {
  const at = publicUrl ?? server.url;
  const lines = [
    demo?.text() ?? '',
    (graphiql ?? development) === 'on' ? `  GraphiQL  ${at}/graphql\n` : '',
    bi === undefined ? '' : `  BI tools  ${at}/bi\n`,
  ];
  process.stderr.write(`\n${lines.join('')}\n`);
}

async function readStartup(
  read: () => Config,
  { log, exit }: { readonly log: Logger; readonly exit: (code: number) => void },
  demo: DemoCallers | undefined,
): Promise<Startup> {
  const file = read();
  if (demo && hasTics(file)) throw new Error(`${demoSwitch} is for the embedded TICS, and tics is configured.`);
  // Before the embedded TICS, which takes seconds to start.
  const { host, port, admin } = addressesOf(file);
  await assertPortsFree([{ host, port }, ...(admin ? [admin] : [])]);
  if (!hasTics(file))
    return { file, read, config: await withEmbeddedTics(file, { log, exit }, demo), development: 'on' };
  warnOfOpenDoors(file, log);
  return { file, read, config: file, development: 'off' };
}

/**
 * Starts the gateway and serves until a signal to stop.
 *
 * @param demo - callers for the embedded TICS, in place of those of the configuration
 * @throws ConfigError, and Error with what to do when it can't listen
 */
export async function serve(signals: Signals, processLog: ProcessLog, demo: DemoCallers | undefined): Promise<void> {
  const { log, flush } = processLog;
  const exit = (code: number): void => void flush(flushMs).then(() => process.exit(code));
  const fail = (error: unknown): void => {
    log.fatal({ err: error }, 'internal error');
    exit(1);
  };
  // The state is undefined now, so the process ends; but the error goes to the log like all others.
  process.on('uncaughtException', fail);
  const onOverrides = (keys: unknown) =>
    log.warn({ keys }, 'configuration: the environment overrides keys of the file');
  const read = (): Config => ({ ...readConfig(undefined, onOverrides), ...demo?.config });
  const startup = await readStartup(read, { log, exit }, demo);
  const services = await openServices(startup.config, processLog);
  const serving = await startServing(startup, addressesOf(startup.file), services);
  const { gateway, server, bi } = serving;
  const { tls, shutdownDelayMs } = startup.config;
  watchFiles(tls?.paths ?? [], () => void gateway.reload());
  log.info({ url: server.url, metricsUrl: server.metricsUrl }, 'listening');
  bi?.start();
  printPages(startup, serving, demo);

  const close = async (noticeMs: number): Promise<void> => {
    await server.close(noticeMs);
    await bi?.close();
    await services.close();
  };
  signals.handle({
    stop: (signal) => {
      log.info({ signal }, 'stopping: requests in flight may finish');
      setTimeout(() => process.exit(0), stopWithinMs);
      close(Math.min(shutdownDelayMs, maxNoticeMs[signal])).then(() => exit(0), fail);
    },
    reload: () => void gateway.reload(),
  });
}
