import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import type { ConfigFault } from './faults.ts';

/** Environment variables. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** Resolves `${NAME}` and `${file:path}`. Undefined when the variable or file is missing. */
type Resolve = (kind: 'env' | 'file', name: string) => string | undefined;

/** Relative paths are resolved against `directory`. */
function resolveFrom(environment: Environment, directory: string): Resolve {
  return (kind, name) => {
    if (kind === 'env') return environment[name];
    try {
      return readFileSync(resolve(directory, name), 'utf8').replace(/\r?\n$/, '');
    } catch {
      return undefined;
    }
  };
}

/**
 * Replaces `${NAME}` by an environment variable and `${file:path}` by the content of a file. Only inside parsed strings: a secret
 * can't change the structure of the document.
 */
export function replaceReferences(
  document: unknown,
  environment: Environment,
  directory: string,
): { readonly value: unknown; readonly faults: readonly ConfigFault[] } {
  const found = resolveFrom(environment, directory);
  const faults: ConfigFault[] = [];

  const replaceIn = (text: string, path: readonly string[]): string =>
    text.replace(/\$\{(?:file:([^}]+)|([A-Za-z_][A-Za-z0-9_]*))\}/g, (_, file: string | undefined, name: string) => {
      const content = file === undefined ? found('env', name) : found('file', file);
      const expected =
        file === undefined ? `the environment variable ${name}, which is not set` : 'the path of a readable file';
      if (content === undefined) faults.push({ path: path.join('.'), expected });
      return content ?? '';
    });

  const replace = (value: unknown, path: readonly string[]): unknown => {
    if (typeof value === 'string') return replaceIn(value, path);
    if (Array.isArray(value)) return value.map((item, index) => replace(item, [...path, `${index}`]));
    if (typeof value === 'object' && value !== null)
      return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, replace(item, [...path, key])]));
    return value;
  };

  return { value: replace(document, []), faults };
}
