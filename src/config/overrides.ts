import type { Environment } from './references.ts';

/** Variables of the environment that override a key of the file, unless they are empty. */
export const overrides = [
  { variable: 'PORT', key: ['port'] },
  { variable: 'HOST', key: ['host'] },
  { variable: 'OTEL_EXPORTER_OTLP_ENDPOINT', key: ['tracing', 'endpoint'] },
] as const;

type PlainMap = Readonly<Record<string, unknown>>;

function isMap(value: unknown): value is PlainMap {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function put(map: unknown, [step = '', ...below]: readonly string[], value: string): PlainMap {
  const known = isMap(map) ? map : {};
  return { ...known, [step]: below.length === 0 ? value : put(known[step], below, value) };
}

/** Puts the overriding variables in the place of what the file says. */
export function override(file: unknown, environment: Environment): unknown {
  if (!isMap(file)) return file;
  return overrides.reduce<PlainMap>((map, { variable, key }) => {
    const value = environment[variable];
    return value ? put(map, key, value) : map;
  }, file);
}
