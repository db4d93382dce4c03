import { readFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { parseDocument, type Document } from 'yaml';
import { readIfPresent } from '../files.ts';
import { ConfigError, faultsOf, issueText, wholeFile } from './faults.ts';
import { override, type OverriddenKey } from './overrides.ts';
import { replaceReferences, type Environment } from './references.ts';
import { configSchema, type Config } from './schema.ts';
import { expandShorthands } from './shorthands.ts';
import type { TicsConfig } from './tics.ts';

export { ConfigError, type ConfigFault } from './faults.ts';
export { configSchema, type Config } from './schema.ts';
export { trustOnFirstUse, type AgentConfig } from './agents.ts';
export type { DocumentsConfig } from './documents.ts';
export type { BiConfig } from './bi.ts';
export type { CacheConfig } from './cache.ts';
export type { CallersConfig, JwtConfig } from './callers.ts';
export { openDataDirectory } from './dataDirectory.ts';
export { callerShareOf, type LimitsConfig, type LoadLimits } from './limits.ts';
export type { OverriddenKey } from './overrides.ts';
export type { ProxyConfig } from './proxy.ts';
export type { RedisConfig } from './redis.ts';
export type { TicsConfig } from './tics.ts';
export type { TlsConfig } from './tls.ts';
export type { TracingConfig } from './tracing.ts';
export type { WatchingConfig } from './watching.ts';

/** A configuration that names its TICS. */
export type ConfigWithTics = Config & { readonly tics: TicsConfig };

export function hasTics(config: Config): config is ConfigWithTics {
  return config.tics !== undefined;
}

/** A parsed document can still refer to a missing anchor, or expand without bounds through its aliases. */
function plainOf(document: Document, source: string): unknown {
  try {
    return document.toJS();
  } catch {
    throw new ConfigError(source, [{ path: wholeFile, expected: 'YAML whose aliases can be resolved' }]);
  }
}

function parseYaml(text: string, source: string): unknown {
  const document = parseDocument(text);
  if (document.errors.length > 0)
    throw new ConfigError(
      source,
      document.errors.map(({ linePos, code }) => ({
        path: linePos ? `line ${linePos[0].line}` : wholeFile,
        expected: `YAML (${code.toLowerCase().replaceAll('_', ' ')})`,
      })),
    );
  return plainOf(document, source) ?? {};
}

/**
 * Reads a configuration out of YAML text. `${NAME}` in a text is taken from the environment, `${file:path}` from a file; the
 * variables of `overrides.ts` override keys.
 *
 * @param source - the path of the file; relative paths in it are resolved against its directory
 * @param onOverridden - called with the keys that the environment overrides
 * @throws ConfigError with every fault at once, each with its path and what was expected.
 */
export function parseConfig(
  text: string,
  environment: Environment,
  source: string,
  onOverridden: (keys: readonly OverriddenKey[]) => void = () => undefined,
): Config {
  const { value, faults } = replaceReferences(parseYaml(text, source), environment, dirname(source));
  const schema = configSchema(dirname(source));
  const { value: effective, overridden } = override(expandShorthands(value), environment);
  const read = schema.safeParse(effective, { error: issueText });
  const unresolved = new Set(faults.map(({ path }) => path));
  const others = read.error?.issues.flatMap((issue) => faultsOf(issue, schema)) ?? [];
  const all = [...faults, ...others.filter(({ path }) => !unresolved.has(path))];
  if (!read.success || all.length > 0) throw new ConfigError(source, all);
  if (overridden.length > 0) onOverridden(overridden);
  return read.data;
}

/**
 * Reads the configuration file that `GATEWAY_CONFIG` names, else `gateway.config.yaml`. Without either, an empty
 * configuration: the embedded TICS.
 *
 * @param onOverridden - called with the keys that the environment overrides
 * @throws ConfigError with every fault at once.
 */
export function readConfig(
  environment: Environment = process.env,
  onOverridden?: (keys: readonly OverriddenKey[]) => void,
): Config {
  const named = environment['GATEWAY_CONFIG'];
  const path = named ?? 'gateway.config.yaml';
  let text: string;
  try {
    // A missing default file means: no configuration. Any other failure is a fault.
    text = named === undefined ? (readIfPresent(path) ?? '') : readFileSync(path, 'utf8');
  } catch {
    throw new ConfigError(path, [
      { path: named === undefined ? wholeFile : 'GATEWAY_CONFIG', expected: 'the path of a readable file' },
    ]);
  }
  return parseConfig(text, environment, path, onOverridden);
}

/** Runs with these environment variables as defaults, for libraries that have no other configuration. */
export function withVariables<Result>(variables: Readonly<Record<string, string>>, run: () => Result): Result {
  const added = Object.entries(variables).filter(([name]) => !process.env[name]);
  for (const [name, value] of added) process.env[name] = value;
  try {
    return run();
  } finally {
    for (const [name] of added) delete process.env[name];
  }
}
