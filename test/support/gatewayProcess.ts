import { spawn, type ChildProcess, type StdioOptions } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { expect } from 'vitest';

const repository = fileURLToPath(new URL('../..', import.meta.url));

/** A line of the log. */
export interface LogLine {
  readonly level: string;
  readonly msg: string;
  readonly [field: string]: unknown;
}

/** A gateway in a process of its own, as operators start it. */
export interface GatewayProcess {
  readonly child: ChildProcess;
  /** Lines of its log so far, where its output is read. */
  readonly lines: readonly LogLine[];
  /** What it wrote to standard error so far. */
  readonly stderr: () => string;
  /** Its exit code and signal. */
  readonly exited: Promise<unknown[]>;
}

/** What processes of tests inherit: nothing that configures a gateway. */
export function inheritedEnvironment(): Readonly<Record<string, string | undefined>> {
  return { PATH: process.env['PATH'], TMPDIR: process.env['TMPDIR'] };
}

/** How it is started. */
export interface ProcessOptions {
  readonly env?: Readonly<Record<string, string>>;
  /** What stands behind `src/main.ts`. */
  readonly args?: readonly string[];
  /** What stands before it. */
  readonly nodeOptions?: readonly string[];
  /** `pipe` is read line by line. */
  readonly stdout?: 'pipe' | 'unread' | number;
}

/** Puts the lines of a log into an array as they come. */
export function readLines(output: Readable, lines: LogLine[]): void {
  createInterface({ input: output }).on('line', (line) => {
    if (line.startsWith('{')) lines.push(JSON.parse(line) as LogLine);
  });
}

/** Starts `src/main.ts`. */
export function spawnGateway({
  env = {},
  args = [],
  nodeOptions = [],
  stdout = 'pipe',
}: ProcessOptions): GatewayProcess {
  const stdio: StdioOptions = ['ignore', stdout === 'unread' ? 'pipe' : stdout, 'pipe'];
  const child = spawn(process.execPath, ['--import', 'tsx', ...nodeOptions, 'src/main.ts', ...args], {
    cwd: repository,
    env: { ...inheritedEnvironment(), HOST: '127.0.0.1', PORT: '0', ...env },
    stdio,
  });
  const exited = once(child, 'exit');
  const lines: LogLine[] = [];
  if (stdout === 'pipe' && child.stdout) readLines(child.stdout, lines);
  let text = '';
  child.stderr?.on('data', (chunk) => (text += String(chunk)));
  return { child, lines, stderr: () => text, exited };
}

/** Waits until it listens. */
export async function listening({ lines }: Pick<GatewayProcess, 'lines'>): Promise<string> {
  const url = () => lines.find(({ msg }) => msg === 'listening')?.['url'];
  await expect.poll(url, { timeout: 60_000 }).toBeDefined();
  return url() as string;
}

/** Waits until its probe answers, where its log is not read. */
export async function alive(url: string): Promise<void> {
  const isAlive = () =>
    fetch(`${url}/healthz`).then(
      ({ ok }) => ok,
      () => false,
    );
  await expect.poll(isAlive, { timeout: 20_000 }).toBe(true);
}
