import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { stringify } from 'yaml';

const repository = resolve(import.meta.dirname, '../..');

/** A process that the bench started. */
export interface Running {
  readonly child: ChildProcess;
  readonly stop: () => Promise<void>;
}

/** An embedded TICS, and the configuration of a gateway that uses it. */
export interface Upstream extends Running {
  readonly config: object;
  readonly controlUrl: string;
}

/** A gateway of its own process. */
export interface BenchGateway extends Running {
  readonly url: string;
}

function startNode(args: readonly string[], env: Readonly<Record<string, string>> = {}): ChildProcess {
  return spawn(process.execPath, ['--import', 'tsx', ...args], {
    cwd: repository,
    env: { PATH: process.env['PATH'], HOME: process.env['HOME'], ...env },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
}

function running(child: ChildProcess): Running {
  return {
    child,
    stop: async () => {
      if (child.exitCode !== null) return;
      child.kill('SIGTERM');
      await once(child, 'exit');
    },
  };
}

async function lineWith(child: ChildProcess, text: string): Promise<string> {
  if (child.stdout === null) throw new Error('no output');
  for await (const line of createInterface({ input: child.stdout }))
    if (line.includes(text)) {
      child.stdout.resume();
      return line;
    }
  throw new Error(`ended before ${text}`);
}

/** Starts an embedded TICS whose clock stands still. */
export async function startUpstream(size: { leagues: number; days: number; scale: number }): Promise<Upstream> {
  const sizes = Object.entries(size).flatMap(([name, value]) => [`--${name}`, String(value)]);
  const child = startNode(['src/sandbox/start.ts', '--ready-json', '--speed', '0', '--port', '0', ...sizes]);
  const { info } = JSON.parse(await lineWith(child, 'sandbox ready')) as {
    info: {
      agents: readonly Readonly<Record<string, unknown>>[];
      account: Readonly<Record<string, unknown>>;
      controlUrl: string;
    } & Readonly<Record<string, unknown>>;
  };
  const { spaceUrl, iamUrl, projectId, region, account, agents, controlUrl } = info;
  const tics = {
    spaceUrl,
    iamUrl,
    projectId,
    region,
    account,
    agents: agents.map(({ id, url, user, password, certificate }) => ({ id, url, user, password, certificate })),
  };
  return { ...running(child), controlUrl, config: { callers: 'anonymous', tics } };
}

/** Starts a gateway with a changed configuration. */
export async function startGateway(directory: string, config: object): Promise<BenchGateway> {
  const path = join(directory, 'gateway.config.yaml');
  writeFileSync(path, stringify(config));
  const child = startNode(['src/main.ts'], { GATEWAY_CONFIG: path, HOST: '127.0.0.1', PORT: '0' });
  const { url } = JSON.parse(await lineWith(child, '"listening"')) as { url: string };
  return { ...running(child), url };
}

/** Resident memory of a process, in MB. */
export function residentMb({ child }: Running): number {
  const status = readFileSync(`/proc/${child.pid}/status`, 'utf8');
  return Number(/VmRSS:\s+(\d+)/.exec(status)?.[1]) / 1024;
}

/** Runs a command to its end; its output, and whether it ended with 0. */
export async function run(
  command: string,
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<{ readonly text: string; readonly isOk: boolean }> {
  const child = spawn(command, args, {
    env: { PATH: process.env['PATH'], HOME: process.env['HOME'], ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let text = '';
  child.stdout.on('data', (piece) => (text += String(piece)));
  child.stderr.on('data', (piece) => (text += String(piece)));
  const [code] = (await once(child, 'close')) as [number | null];
  return { text, isOk: code === 0 };
}
