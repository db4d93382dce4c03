import { fork, type ChildProcess } from 'node:child_process';
import { existsSync } from 'node:fs';
import { extname } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Config, TicsConfig } from '../config/config.ts';
import type { SandboxReady } from '../sandbox/start.ts';

/** The embedded TICS, which runs in a process of its own. */
export interface EmbeddedTics {
  readonly pid: number | undefined;
  readonly info: SandboxReady['info'];
  /** Calls back if it ends before this process does. Its state is gone then. */
  readonly onExit: (listener: (code: number | null, signal: NodeJS.Signals | null) => void) => void;
}

/** Starts the embedded TICS; it ends when this process does. */
export async function startEmbeddedTics(): Promise<EmbeddedTics> {
  // The same file name extension as this module's: .ts while developing, .js when built, where `import.meta` is the bundle's.
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

const loopbackHosts = ['127.0.0.1', 'localhost', '::1'];

/** The address to listen on with the embedded TICS, which is for trying things out: nobody else is to reach it. */
export function loopbackHost(host: string): string {
  return loopbackHosts.includes(host) ? host : '127.0.0.1';
}

/** The configuration by which the embedded TICS is reached. */
export function embeddedConfig({ info }: EmbeddedTics): NonNullable<Config['tics']> {
  const { spaceUrl, iamUrl, projectId, region, account, agents } = info;
  const { user, password, domain } = account;
  const tics: TicsConfig = {
    ...{ spaceUrl, iamUrl, projectId, region },
    account: { domain, user, password },
    language: 'en_us',
    timeZone: 'Asia/Shanghai',
    agents: agents.map(({ id, url, user: agentUser, password: agentPassword, certificate }) => ({
      ...{ id, url, certificate },
      user: agentUser,
      password: agentPassword,
    })),
  };
  return tics;
}
