import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';

/** A certificate or a key as PEM. */
export interface Pem {
  readonly pem: string;
  /** The file that it was read from. Undefined for PEM inside the configuration. */
  readonly path: string | undefined;
}

/**
 * Takes PEM, or the path of a PEM file.
 *
 * @param directory - relative paths are resolved against it
 * @throws Error of node:fs when the file can't be read
 */
export function readPem(directory: string, value: string): Pem {
  if (value.includes('-----BEGIN')) return { pem: value, path: undefined };
  const path = resolve(directory, value);
  return { pem: readFileSync(path, 'utf8'), path };
}
