import { randomUUID } from 'node:crypto';
import { chmodSync, lstatSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
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

/** Replaces a file atomically. Only the gateway's user may read it. */
export function replacePrivateFile(path: string, text: string): void {
  const unfinished = `${path}.${process.pid}`;
  writeFileSync(unfinished, text, { mode: 0o600 });
  // A file left by an interrupted process keeps its mode.
  chmodSync(unfinished, 0o600);
  renameSync(unfinished, path);
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
