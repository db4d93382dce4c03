import { accessSync, constants, mkdirSync, statSync } from 'node:fs';
import { resolve } from 'node:path';
import { text } from './values.ts';

/** Key `dataDirectory`: the directory of all files that the gateway writes. */
export function dataDirectory(directory: string) {
  return text('a directory')
    .prefault('data')
    .transform((path) => resolve(directory, path))
    .describe(
      'Directory for all that the gateway writes: keys, the audit file, trusted fingerprints. It is made when something is written, for the gateway’s own user alone (mode 0700). Relative paths start at the configuration file.',
    );
}

/**
 * Creates the data directory where it is missing.
 *
 * @throws Error when other users can read it, or when it is not writable
 */
export function openDataDirectory(path: string): string {
  mkdirSync(path, { recursive: true, mode: 0o700 });
  if ((statSync(path).mode & 0o077) !== 0)
    throw new Error('dataDirectory: others may open it. Give it to the gateway’s user alone: chmod 700.');
  accessSync(path, constants.R_OK | constants.W_OK | constants.X_OK);
  return path;
}
