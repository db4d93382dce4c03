import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';

/** A certificate or a key as PEM. */
export interface Pem {
  readonly pem: string;
  /** The file that it was read from, unless it stands in the configuration. */
  readonly path: string | undefined;
}

/**
 * A PEM, or the path of a file that holds one.
 *
 * @param directory - that paths are seen from: the one of the configuration file
 * @throws Error of node:fs when the file can't be read
 */
export function readPem(directory: string, value: string): Pem {
  if (value.includes('-----BEGIN')) return { pem: value, path: undefined };
  const path = resolve(directory, value);
  return { pem: readFileSync(path, 'utf8'), path };
}
