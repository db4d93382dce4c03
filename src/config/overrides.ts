import type { Environment } from './references.ts';

/** A variable and the key that it sets. */
interface Override {
  readonly variable: string;
  readonly key: readonly string[];
  /** Only where the file has this section, and no such key: the variable is meant for all programs of the machine. */
  readonly defaultIn?: string;
}

/** Variables of the environment that override a key of the file, unless they are empty. */
export const overrides: readonly Override[] = [
  { variable: 'PORT', key: ['port'] },
  { variable: 'HOST', key: ['host'] },
  { variable: 'OTEL_EXPORTER_OTLP_ENDPOINT', key: ['tracing', 'endpoint'] },
  { variable: 'https_proxy', key: ['tics', 'proxy', 'https'], defaultIn: 'tics' },
  { variable: 'HTTPS_PROXY', key: ['tics', 'proxy', 'https'], defaultIn: 'tics' },
  { variable: 'http_proxy', key: ['tics', 'proxy', 'http'], defaultIn: 'tics' },
  { variable: 'HTTP_PROXY', key: ['tics', 'proxy', 'http'], defaultIn: 'tics' },
  { variable: 'no_proxy', key: ['tics', 'proxy', 'except'], defaultIn: 'tics' },
  { variable: 'NO_PROXY', key: ['tics', 'proxy', 'except'], defaultIn: 'tics' },
  { variable: 'DATABASE_URL', key: ['bi', 'databaseUrl'] },
];

type PlainMap = Readonly<Record<string, unknown>>;

function isMap(value: unknown): value is PlainMap {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function put(map: unknown, [step = '', ...below]: readonly string[], value: string): PlainMap {
  const known = isMap(map) ? map : {};
  return { ...known, [step]: below.length === 0 ? value : put(known[step], below, value) };
}

function valueAt(map: unknown, key: readonly string[]): unknown {
  return key.reduce<unknown>((value, step) => (isMap(value) ? value[step] : undefined), map);
}

/** Puts the overriding variables in the place of what the file says. */
export function override(file: unknown, environment: Environment): unknown {
  if (!isMap(file)) return file;
  return overrides.reduce<PlainMap>((map, { variable, key, defaultIn }) => {
    const value = environment[variable];
    const applies = defaultIn === undefined || (isMap(map[defaultIn]) && valueAt(map, key) === undefined);
    return value && applies ? put(map, key, value) : map;
  }, file);
}
