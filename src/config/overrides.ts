import type { Environment } from './references.ts';

/** An environment variable and the key that it sets. */
interface Override {
  readonly variable: string;
  readonly key: readonly string[];
  /** Only applies when the file has this section. */
  readonly section?: string;
  /** Only applies when the file lacks the key: the variable is for all programs of the machine, or a default of the image. */
  readonly isDefault?: true;
  /** The OpenTelemetry SDK reads it itself. It turns tracing on. */
  readonly isReadBySdk?: true;
}

/** Environment variables that set a key. Empty ones are ignored. */
export const overrides: readonly Override[] = [
  { variable: 'PORT', key: ['port'] },
  { variable: 'HOST', key: ['host'] },
  { variable: 'GATEWAY_DEFAULT_HOST', key: ['host'], isDefault: true },
  { variable: 'OTEL_EXPORTER_OTLP_ENDPOINT', key: ['tracing', 'endpoint'] },
  { variable: 'OTEL_EXPORTER_OTLP_TRACES_ENDPOINT', key: ['tracing', 'endpoint'], isReadBySdk: true },
  { variable: 'OTEL_TRACES_EXPORTER', key: ['tracing'], isReadBySdk: true },
  { variable: 'OTEL_TRACES_SAMPLER', key: ['tracing', 'ratio'], section: 'tracing', isReadBySdk: true },
  { variable: 'https_proxy', key: ['tics', 'proxy', 'https'], section: 'tics', isDefault: true },
  { variable: 'HTTPS_PROXY', key: ['tics', 'proxy', 'https'], section: 'tics', isDefault: true },
  { variable: 'http_proxy', key: ['tics', 'proxy', 'http'], section: 'tics', isDefault: true },
  { variable: 'HTTP_PROXY', key: ['tics', 'proxy', 'http'], section: 'tics', isDefault: true },
  { variable: 'no_proxy', key: ['tics', 'proxy', 'except'], section: 'tics', isDefault: true },
  { variable: 'NO_PROXY', key: ['tics', 'proxy', 'except'], section: 'tics', isDefault: true },
  { variable: 'DATABASE_URL', key: ['bi', 'databaseUrl'] },
  { variable: 'REDIS_URL', key: ['redis', 'url'], section: 'redis' },
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

/** A key that the environment overrides. */
export interface OverriddenKey {
  readonly key: string;
  readonly variable: string;
}

/** Applies environment variables to the file's content, and returns the keys that they override. */
export function override(
  file: unknown,
  environment: Environment,
): { readonly value: unknown; readonly overridden: readonly OverriddenKey[] } {
  if (!isMap(file)) return { value: file, overridden: [] };
  const overridden: OverriddenKey[] = [];
  const value = overrides.reduce<PlainMap>((map, { variable, key, section, isDefault, isReadBySdk }) => {
    const given = environment[variable];
    const isMeant = section === undefined || isMap(map[section]);
    if (!given || !isMeant || (isDefault && valueAt(map, key) !== undefined)) return map;
    const written = valueAt(file, key);
    const isScalar = typeof written === 'string' || typeof written === 'number';
    if (isScalar && String(written) !== given) overridden.push({ key: key.join('.'), variable });
    if (!isReadBySdk) return put(map, key, given);
    return isMap(map['tracing']) ? map : { ...map, tracing: {} };
  }, file);
  return { value, overridden };
}
