import { chmodSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
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
