import { execFile, spawn, type ChildProcess, type StdioOptions } from 'node:child_process';
import { once } from 'node:events';
import { symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect } from 'vitest';
import { makeDirectory } from './directory.ts';

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
  /** What it runs. Default: `src/main.ts`. */
  readonly script?: string;
  /** What stands behind the script. */
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

let bundled: Promise<string> | undefined;

/** The script of the gateway as the image has it, without its bytecode. It starts in a third of the time that the sources take. */
export function bundledGateway(): Promise<string> {
  const build = async (): Promise<string> => {
    const directory = join(makeDirectory(), 'dist');
    await promisify(execFile)(process.execPath, ['--import', 'tsx', 'ops/build/bundle.ts', directory], {
      cwd: repository,
    });
    symlinkSync(join(repository, 'node_modules'), join(directory, 'node_modules'));
    writeFileSync(join(directory, 'package.json'), '{ "type": "module" }');
    return join(directory, 'main.js');
  };
  return (bundled ??= build());
}

/** Starts a gateway. */
export function spawnGateway({
  env = {},
  script = 'src/main.ts',
  args = [],
  nodeOptions = [],
  stdout = 'pipe',
}: ProcessOptions): GatewayProcess {
  const stdio: StdioOptions = ['ignore', stdout === 'unread' ? 'pipe' : stdout, 'pipe'];
  const loader = script.endsWith('.ts') ? ['--import', 'tsx'] : [];
  const child = spawn(process.execPath, [...loader, ...nodeOptions, script, ...args], {
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
  await expect.poll(isAlive, { timeout: 60_000 }).toBe(true);
}
