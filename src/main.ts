import { fork, type ChildProcess } from 'node:child_process';
import { existsSync } from 'node:fs';
import { extname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { runKeyCommand } from './callers/keyCommand.ts';
import { openDataDirectory, readConfig, type Config, type TicsConfig } from './config/config.ts';
import { createGateway } from './gateway/gateway.ts';
import { openProcessLog, type Logger } from './telemetry/log.ts';
import { createMetrics } from './telemetry/metrics.ts';
import { createReloadable } from './server/reload.ts';
import type { SandboxReady } from './sandbox/start.ts';
import { startServer } from './server/server.ts';
import { createShedding } from './server/shedding.ts';
import { startTracing } from './telemetry/tracing.ts';
import { createAccounts } from './upstream/tokens.ts';

type Configured = Config & { readonly tics: TicsConfig };

function isConfigured(config: Config): config is Configured {
  return config.tics !== undefined;
}

const loopbackHosts = ['127.0.0.1', 'localhost', '::1'];

/** After SIGTERM new connections are taken for so long: load balancers go on sending some until they learn of it. */
const noticeMs = 2_000;

/** The process ends after this long, whatever hangs. */
const stopWithinMs = 9_700;

/** The last lines of the log have so long to be written. */
const flushMs = 200;

/** Runs the embedded TICS in a process of its own; it ends when this one does. */
async function startEmbeddedTics(): Promise<SandboxReady['info']> {
  // The same file name extension as this module's: .ts while developing, .js when built.
  const entry = fileURLToPath(new URL(`./sandbox/start${extname(import.meta.url)}`, import.meta.url));
  if (!existsSync(entry))
    throw new Error(
      'No tics is configured, and the embedded TICS is not in this image: mount a configuration, or name it in GATEWAY_CONFIG.',
    );
  const child: ChildProcess = fork(entry, { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
  const { info } = await new Promise<SandboxReady>((resolve, reject) => {
    child.once('message', (message) => resolve(message as SandboxReady));
    child.once('error', reject);
    child.once('exit', (code) => reject(new Error(`the embedded TICS ended with code ${code}`)));
  });
  child.removeAllListeners('exit');
  return info;
}

async function embedded(config: Config, log: Logger): Promise<Configured> {
  const { spaceUrl, iamUrl, controlUrl, projectId, region, account, agents } = await startEmbeddedTics();
  log.info(
    { spaceUrl, iamUrl, controlUrl, agents: agents.length },
    'no tics is configured: the embedded TICS has started',
  );
  const { user, password, domain } = account;
  return {
    ...config,
    // The embedded TICS is for trying things out: nobody else is to reach it.
    host: loopbackHosts.includes(config.host) ? config.host : '127.0.0.1',
    tics: {
      spaceUrl,
      iamUrl,
      projectId,
      region,
      account: { domain, user, password },
      language: 'en_us',
      timeZone: 'Asia/Shanghai',
      agents: agents.map((agent) => ({
        id: agent.id,
        url: agent.url,
        user: agent.user,
        password: agent.password,
        certificate: agent.certificate,
      })),
    },
  };
}

async function run(): Promise<void> {
  const { log, droppedLines, flush } = openProcessLog();
  const exit = (code: number): void => void flush(flushMs).then(() => process.exit(code));
  // Nothing is sure any more after it, so the process ends; but its last word stands where all others do.
  process.on('uncaughtException', (error) => {
    log.fatal({ err: error }, 'internal error');
    exit(1);
  });
  const file = readConfig();
  const config = isConfigured(file) ? file : await embedded(file, log);
  if (config.callers?.anonymous && isConfigured(file))
    log.warn('callers: anonymous. Whoever reaches the port acts with the rights of tics.account.');
  const tracing = config.tracing && (await startTracing(config.tracing, log));
  const metrics = createMetrics(droppedLines);
  const accounts = createAccounts();
  const gateway = createReloadable({
    file,
    config,
    read: readConfig,
    build: (built) => createGateway(built, { log, tracing, metrics, resilience: { accounts } }),
    metrics,
    log,
  });
  const shedding = createShedding(config.limits);
  const { host, port, metricsPort, publicUrl, origins = [] } = config;
  const own = publicUrl === undefined ? [] : [new URL(publicUrl).origin];
  const server = await startServer(gateway, {
    host,
    port,
    metricsPort,
    log,
    shedding,
    origins: [...own, ...origins],
  });
  log.info({ url: server.url, metricsUrl: server.metricsUrl }, 'listening');
  process.stderr.write(`\n  GraphiQL  ${config.publicUrl ?? server.url}/graphql\n\n`);

  const stop = (noticeMs: number): void => {
    log.info('stopping: requests in flight may finish');
    setTimeout(() => process.exit(0), stopWithinMs);
    server
      .close(noticeMs)
      .then(() => tracing?.close())
      .then(
        () => exit(0),
        (error: unknown) => {
          log.error({ err: error }, 'internal error');
          exit(1);
        },
      );
  };
  process.once('SIGTERM', () => stop(noticeMs));
  process.once('SIGINT', () => stop(0));
  process.on('SIGHUP', () => void gateway.reload());
}

/** `node main.js key …`: the configuration says where the keys are. */
function runKeys(args: readonly string[]): number {
  const directory = openDataDirectory(readConfig().dataDirectory);
  return runKeyCommand(args, { directory, write: (text) => void process.stdout.write(text) });
}

async function main([command, ...args]: readonly string[]): Promise<void> {
  if (command === 'key') process.exitCode = runKeys(args);
  else await run();
}

main(process.argv.slice(2)).catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exit(1);
});
