import { randomUUID } from 'node:crypto';
import {
  closeSync,
  fsyncSync,
  lstatSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { hostname, tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { systemCode } from './errors.ts';

/**
 * Reads a text file.
 *
 * @returns undefined where there is none
 * @throws Error of node:fs when it is there and can't be read
 */
export function readIfPresent(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return undefined;
    throw error;
  }
}

/** Replaces a file atomically: it survives a power cut, before or after. Only the gateway's user may read it. */
export function replacePrivateFile(path: string, text: string): void {
  // Not by the number of the process: it is the same in every container.
  const unfinished = `${path}.${randomUUID()}`;
  try {
    writeFileSync(unfinished, text, { mode: 0o600, flag: 'wx', flush: true });
    renameSync(unfinished, path);
  } finally {
    rmSync(unfinished, { force: true });
  }
  const directory = openSync(dirname(path), 'r');
  fsyncSync(directory);
  closeSync(directory);
}

/** A lock is held for milliseconds. One as old was left by a process that was killed. */
const staleLockMs = 5_000;
const lockRetryMs = 20;

/** Changes a file while no other process does, among those that call this. `change` must be short. */
export async function changeExclusively(path: string, change: () => void): Promise<void> {
  const lock = `${path}.lock`;
  while (!hasMade(lock)) {
    const { mtimeMs = Infinity } = statSync(lock, { throwIfNoEntry: false }) ?? {};
    if (Date.now() - mtimeMs > staleLockMs) rmSync(lock, { force: true });
    else await sleep(lockRetryMs);
  }
  try {
    change();
  } finally {
    rmSync(lock, { force: true });
  }
}

/** False where the file is there already. */
function hasMade(path: string): boolean {
  try {
    closeSync(openSync(path, 'wx', 0o600));
    return true;
  } catch (error) {
    if (systemCode(error) === 'EEXIST') return false;
    throw error;
  }
}

/** Containers may share temporary files, and numbers of processes count within one. */
const temporaryPrefix = `tics-gateway_${hostname().replace(/[^\w.-]|_/g, '-')}_`;

/** An unused path among temporary files. It names its process, so that what that leaves behind can be told from what is in use. */
export function temporaryPath(pid = process.pid): string {
  return join(tmpdir(), `${temporaryPrefix}${pid}_${randomUUID()}`);
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // Another user's process is running too.
    return systemCode(error) !== 'ESRCH';
  }
}

/** An earlier process may have had our number: in containers it is always the same. */
function isOrphaned(path: string, pid: number): boolean {
  if (pid !== process.pid) return !isRunning(pid);
  return lstatSync(path).mtimeMs < Date.now() - process.uptime() * 1000;
}

/** Deletes what processes of gateways that were killed have left at a `temporaryPath`. */
export function deleteOrphanedTemporaryFiles(): void {
  for (const name of readdirSync(tmpdir())) {
    const pid = name.startsWith(temporaryPrefix) && /^(\d+)_/.exec(name.slice(temporaryPrefix.length))?.[1];
    const path = join(tmpdir(), name);
    try {
      if (pid && isOrphaned(path, Number(pid))) rmSync(path, { recursive: true, force: true });
    } catch {
      // Another gateway that starts has deleted it, or it is another user's.
    }
  }
}
