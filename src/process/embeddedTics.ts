import { fork, type ChildProcess } from 'node:child_process';
import { existsSync } from 'node:fs';
import { extname } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Config, ConfigWithTics, TicsConfig } from '../config/config.ts';
import type { SandboxReady } from '../sandbox/start.ts';
import type { Logger } from '../telemetry/log.ts';
import type { DemoCallers } from './demoCallers.ts';

/** The embedded TICS, which runs in a process of its own. */
export interface EmbeddedTics {
  readonly pid: number | undefined;
  readonly info: SandboxReady['info'];
  /** Called when it exits before this process. Its state is lost then. */
  readonly onExit: (listener: (code: number | null, signal: NodeJS.Signals | null) => void) => void;
}

/** Starts the embedded TICS, which exits with this process. */
export async function startEmbeddedTics(): Promise<EmbeddedTics> {
  // The extension of this module: .ts in development, .js when built, where `import.meta` is the bundle's.
  const extension = extname(import.meta.url);
  const path = extension === '.ts' ? '../sandbox/start.ts' : `./sandbox/start${extension}`;
  const entry = fileURLToPath(new URL(path, import.meta.url));
  if (!existsSync(entry))
    throw new Error(
      'No tics is configured, and the embedded TICS is not in this image: mount a configuration, or name it in GATEWAY_CONFIG.',
    );
  const child: ChildProcess = fork(entry, { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
  const { info } = await new Promise<SandboxReady>((resolve, reject) => {
    child.once('message', (message) => resolve(message as SandboxReady));
    child.once('error', reject);
    child.once('exit', (code) => reject(new Error(`The embedded TICS ended with code ${code} before it was ready.`)));
  });
  return { pid: child.pid, info, onExit: (listener) => child.once('exit', listener) };
}

/** Section `tics` for the embedded TICS. */
export function ticsConfig({ info }: EmbeddedTics): TicsConfig {
  const { spaceUrl, iamUrl, projectId, region, account, agents } = info;
  const { user, password, domain } = account;
  return {
    spaceUrl,
    iamUrl,
    projectId,
    region,
    account: { domain, user, password },
    language: 'en_us',
    timeZone: 'Asia/Shanghai',
    agents: agents.map(({ id, url, user: agentUser, password: agentPassword, certificate }) => ({
      id,
      url,
      certificate,
      user: agentUser,
      password: agentPassword,
    })),
  };
}

/** Starts the embedded TICS and adds it to the configuration. When it exits, this process exits. */
export async function withEmbeddedTics(
  config: Config,
  { log, exit }: { readonly log: Logger; readonly exit: (code: number) => void },
  demo: DemoCallers | undefined,
): Promise<ConfigWithTics> {
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
  return { ...config, tics: ticsConfig(embedded) };
}
