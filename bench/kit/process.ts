import { spawn, type ChildProcess } from 'node:child_process';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';

/** Which core does what: the subject has one to itself, upstream and load share the other. Nothing is pinned on one core. */
export const cores: { readonly subject: number; readonly others: number } | undefined =
  process.platform === 'linux' && availableParallelism() >= 2 ? { subject: 0, others: 1 } : undefined;

/** A command line that runs on one core. */
export function pinned(
  core: keyof NonNullable<typeof cores>,
  command: readonly string[],
): readonly [string, ...string[]] {
  const [first = '', ...rest] = command;
  return cores === undefined ? [first, ...rest] : ['taskset', '-c', `${cores[core]}`, first, ...rest];
}

/** The kernel counts processor time in these. */
const ticksASecond = 100;

/** Processor time that a process has used so far, all its threads together. */
export function cpuMsOf(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  // The name, in parentheses, may hold spaces; utime and stime are the 12th and 13th fields after it.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return ((Number(fields[11]) + Number(fields[12])) / ticksASecond) * 1000;
}

/** Resident memory of a process. */
export function residentBytesOf(pid: number): number {
  const kilobytes = /^VmRSS:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
  return Number(kilobytes) * 1024;
}

/** A process that was started and answers at a port. */
export interface Running {
  readonly pid: number;
  readonly port: number;
  readonly stop: () => Promise<void>;
}

/** What starts a process. */
export interface Launch {
  readonly core: keyof NonNullable<typeof cores>;
  readonly command: readonly string[];
  readonly port: number;
  /** Where it writes; its last lines are shown when it ends too early. */
  readonly logFile: string;
  readonly cwd: string;
  readonly env?: Readonly<Record<string, string>>;
}

const children = new Set<ChildProcess>();
process.once('exit', () => children.forEach((child) => child.kill('SIGKILL')));
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(1));

/** Starts a process; it ends with this one. Everything that it writes goes into its log file. */
export function launch({ core, command, port, logFile, cwd, env = {} }: Launch): Running & { hasEnded: () => boolean } {
  const [first, ...rest] = pinned(core, command);
  const log = openSync(logFile, 'a');
  const child = spawn(first, rest, {
    cwd,
    env: { PATH: process.env['PATH'] ?? '', HOME: process.env['HOME'] ?? '', NODE_ENV: 'production', ...env },
    stdio: ['ignore', log, log],
  });
  closeSync(log);
  children.add(child);
  let hasEnded = false;
  const ended = new Promise<void>((resolve) => {
    child.once('error', () => resolve());
    child.once('exit', () => resolve());
  }).then(() => {
    hasEnded = true;
    children.delete(child);
  });
  return {
    pid: child.pid ?? -1,
    port,
    hasEnded: () => hasEnded,
    stop: async () => {
      child.kill('SIGKILL');
      await ended;
    },
  };
}

/** The last lines that a process wrote. */
export function lastLines(logFile: string): string {
  return readFileSync(logFile, 'utf8').trimEnd().split('\n').slice(-8).join('\n').slice(-1_500);
}

/**
 * Waits until a process answers.
 *
 * @param isAnswered - asked every few milliseconds
 * @throws Error with the process's last words when it ends before, or does not answer in time.
 */
export async function untilAnswered(
  { hasEnded }: { readonly hasEnded: () => boolean },
  logFile: string,
  isAnswered: () => Promise<boolean>,
  withinMs = 30_000,
): Promise<void> {
  const deadline = performance.now() + withinMs;
  while (!(await isAnswered().catch(() => false))) {
    if (hasEnded()) throw new Error(`it ended: ${lastLines(logFile)}`);
    if (performance.now() > deadline) throw new Error(`it does not answer: ${lastLines(logFile)}`);
    await sleep(3);
  }
}
