import { fork, type ChildProcess } from 'node:child_process';
import { extname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { readConfig, type Config, type TicsConfig } from './config.ts';
import { createGateway } from './gateway.ts';
import { createLog, type Logger } from './log.ts';
import type { SandboxReady } from './sandbox/start.ts';
import { startServer } from './server.ts';
import { startTracing } from './tracing.ts';

type Configured = Config & { readonly tics: TicsConfig };

const isConfigured = (config: Config): config is Configured => config.tics !== undefined;

const loopbackHosts = ['127.0.0.1', 'localhost', '::1'];

/** Runs the embedded TICS in a process of its own; it ends when this one does. */
const startEmbeddedTics = async (): Promise<SandboxReady['info']> => {
  // The same file name extension as this module's: .ts while developing, .js when built.
  const entry = fileURLToPath(new URL(`./sandbox/start${extname(import.meta.url)}`, import.meta.url));
  const child: ChildProcess = fork(entry, { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
  const { info } = await new Promise<SandboxReady>((resolve, reject) => {
    child.once('message', (message) => resolve(message as SandboxReady));
    child.once('error', reject);
    child.once('exit', (code) => reject(new Error(`the embedded TICS ended with code ${code}`)));
  });
  child.removeAllListeners('exit');
  return info;
};

const embedded = async (config: Config, log: Logger): Promise<Configured> => {
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
};

const run = async (): Promise<void> => {
  const log = createLog();
  const file = readConfig();
  const config = isConfigured(file) ? file : await embedded(file, log);
  if (config.callers === 'anonymous' && isConfigured(file))
    log.warn('callers: anonymous. Whoever reaches the port acts with the rights of tics.account.');
  const tracing = config.tracing && (await startTracing(config.tracing, log));
  const server = await startServer(createGateway(config, { log, tracing }), config);
  log.info({ url: server.url }, 'listening');
  process.stderr.write(`\n  GraphiQL  ${config.publicUrl ?? server.url}/graphql\n\n`);

  const stop = (): void => {
    log.info('stopping: requests in flight may finish');
    void server
      .close()
      .then(() => tracing?.close())
      .then(() => process.exit(0));
  };
  process.once('SIGTERM', stop);
  process.once('SIGINT', stop);
};

run().catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exit(1);
});
