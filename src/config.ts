import { readFileSync } from 'node:fs';
import { X509Certificate } from 'node:crypto';
import { dirname, resolve } from 'node:path';
import { parseDocument, type Document } from 'yaml';
import { z } from 'zod';

/** One fault of the configuration: where it is and what was expected there. */
export interface ConfigFault {
  readonly path: string;
  readonly expected: string;
}

/** The configuration can't be used; `faults` holds every fault of it. */
export class ConfigError extends Error {
  readonly faults: readonly ConfigFault[];

  constructor(source: string, faults: readonly ConfigFault[]) {
    super(
      [`${source} has ${faults.length === 1 ? 'a fault' : `${faults.length} faults`}:`]
        .concat(faults.map(({ path, expected }) => `  ${path}: ${expected}`))
        .join('\n'),
    );
    this.name = 'ConfigError';
    this.faults = faults;
  }
}

const loopback = new Set(['localhost', '127.0.0.1', '[::1]']);

function isUpstreamUrl(text: string): boolean {
  if (!URL.canParse(text)) return false;
  const { protocol, hostname, pathname, search, hash, username, password } = new URL(text);
  return (
    (protocol === 'https:' || (protocol === 'http:' && loopback.has(hostname))) &&
    `${pathname}${search}${hash}${username}${password}` === '/'
  );
}

const upstreamUrl = z
  .string('an https:// address')
  .refine(isUpstreamUrl, 'an https:// address without path, query or credentials; http:// is for loopback only')
  .transform((text) => text.replace(/\/+$/, ''));

const receiver = 'the base address of an OTLP/HTTP receiver, such as http://collector:4318';

/** Without `//` a name before a port would pass for a scheme. */
function isHttpUrl(text: string): boolean {
  return /^https?:\/\//i.test(text) && URL.canParse(text) && !new URL(text).search;
}

function required(what: string) {
  return z.string(`${what}, as text`).min(1, `${what}, not empty`);
}
function ticsId(what: string) {
  return required(what).regex(/^[0-9A-Za-z_]{1,32}$/, `${what}: at most 32 letters, digits and underscores`);
}

/** A PEM, or the path of a file that holds one, seen from the configuration file. */
function certificateFrom(directory: string) {
  return required('a certificate (PEM, or the path of a PEM file)').transform((text, context) => {
    try {
      const pem = text.includes('-----BEGIN') ? text : readFileSync(resolve(directory, text), 'utf8');
      return new X509Certificate(pem).toString();
    } catch {
      context.addIssue('a readable X.509 certificate (PEM, or the path of a PEM file)');
      return z.NEVER;
    }
  });
}

const callersUrl = 'the address that callers use, such as https://tics.example.com';

const pageOrigin = 'the origin of a page, such as https://console.example.com';

function isOrigin(text: string): boolean {
  return URL.canParse(text) && new URL(text).origin === text;
}

function isTimeZone(text: string): boolean {
  try {
    return new Intl.DateTimeFormat('en', { timeZone: text }).resolvedOptions().timeZone !== '';
  } catch {
    return false;
  }
}

const region = 'a region id, such as cn-north-4';
const timeZone = 'a time zone, such as Asia/Shanghai';

/**
 * The schema of the configuration file. Descriptions are what docs/configuration.md is made of.
 *
 * @param directory - of the file: relative paths in it start there
 */
export function schemaFor(directory: string) {
  const agent = z.strictObject({
    id: ticsId('the agent id').describe('Raw id of the agent.'),
    url: upstreamUrl.optional().describe('Its address. Default: the one that the space plane lists.'),
    user: required('the agent account').describe('Account of the agent.'),
    password: required('its password').describe('Password of that account.'),
    certificate: certificateFrom(directory)
      .optional()
      .describe('PEM, or the path of a PEM file. The gateway accepts this certificate only.'),
  });
  const tics = z.strictObject({
    region: z
      .string(region)
      .regex(/^[a-z0-9-]{1,64}$/, region)
      .optional()
      .describe('Region id, such as `cn-north-4`. Required unless `spaceUrl` and `iamUrl` are given.'),
    spaceUrl: upstreamUrl.optional().describe('Address of the space plane. Default: the endpoint of the region.'),
    iamUrl: upstreamUrl
      .optional()
      .describe('Address of IAM. Required with `spaceUrl`. Default: the endpoint of the region.'),
    projectId: ticsId('the project id')
      .optional()
      .describe('Project id. Default: the project with the name of the region.'),
    account: z
      .strictObject(
        {
          domain: required('the IAM domain (account) name').describe('IAM domain (account) name.'),
          user: required('the IAM user name').describe('IAM user name.'),
          password: required('its password').describe('Password of that user.'),
        },
        'the IAM account: domain, user and password',
      )
      .describe('The IAM account that the gateway signs in with on the space plane.'),
    language: z
      .enum(['zh-cn', 'en_us'], 'zh-cn or en_us')
      .default('en_us')
      .describe('Language of texts of TICS, for requests whose `Accept-Language` names neither Chinese nor English.'),
    timeZone: z
      .string(timeZone)
      .refine(isTimeZone, timeZone)
      .default('Asia/Shanghai')
      .describe('Time zone in which days of TICS begin and end.'),
    agents: z
      .array(agent, 'a list of agents')
      .default([])
      .describe('Agents that the gateway has an account of. Others are listed, but not called.'),
  });
  const tracing = z.strictObject(
    {
      endpoint: z
        .string(receiver)
        .refine(isHttpUrl, receiver)
        .transform((text) => text.replace(/\/+$/, ''))
        .describe('Base address of an OTLP/HTTP receiver, such as `http://collector:4318`.'),
      ratio: z
        .number('a share from 0 to 1')
        .min(0, 'at least 0')
        .max(1, 'at most 1')
        .default(1)
        .describe('Share of requests that are traced, of those whose caller made no sampling decision.'),
    },
    'where traces go: endpoint',
  );
  const port = z.union(
    [z.string().regex(/^\d+$/).transform(Number).pipe(z.number().max(65_535)), z.int().min(0).max(65_535)],
    'a port number, from 0 to 65535',
  );
  const aboveZero = 'a whole number above 0';
  const limits = z.strictObject(
    {
      operations: z
        .int(aboveZero)
        .positive(aboveZero)
        .optional()
        .describe('Operations at once, without subscriptions.'),
      subscriptions: z.int(aboveZero).positive(aboveZero).optional().describe('Subscriptions at once.'),
      eventLoopLagMs: z
        .number('milliseconds above 0')
        .positive('milliseconds above 0')
        .optional()
        .describe('Event loop lag (99th percentile) above which new operations are refused.'),
    },
    'operations, subscriptions, eventLoopLagMs',
  );
  const life = z.int('whole milliseconds').min(0, 'at least 0').optional();
  const cache = z.strictObject(
    {
      freshMs: life.describe('For so long an answer is used in place of a new call.'),
      staleMs: life.describe('For so long it is used at once, and read again in the background.'),
      staleIfErrorMs: life.describe('For so long it is used when the call fails.'),
    },
    'freshMs, staleMs, staleIfErrorMs',
  );
  const interval = z.int('whole milliseconds').min(100, 'at least 100').optional();
  const watching = z.strictObject(
    {
      quickMs: interval.describe('Interval between polls of a run after a start, a write or a change.'),
      slowestMs: interval.describe('Longest interval between polls of a run that does not change.'),
      agentQuickMs: interval.describe('Interval between polls of an agent after a change.'),
      agentSlowestMs: interval.describe('Longest interval between polls of an agent that does not change.'),
      longestPauseMs: interval.describe('Longest interval while polls fail.'),
      rememberMs: life.describe('For so long a cursor stays known after the last subscriber has left.'),
      looksPerSecond: z
        .int(aboveZero)
        .positive(aboveZero)
        .optional()
        .describe('Polls a second of one upstream, at most.'),
    },
    'quickMs, slowestMs, agentQuickMs, agentSlowestMs, longestPauseMs, rememberMs, looksPerSecond',
  );
  return z.strictObject(
    {
      port: port
        .prefault(4000)
        .describe('Port of the API. 0 takes any free one. The environment variable `PORT` overrides it.'),
      metricsPort: port.optional().describe('Port of `/metrics`. Default: the port of the API.'),
      host: required('an address to listen on')
        .default('127.0.0.1')
        .describe('Address to listen on. The environment variable `HOST` overrides it.'),
      publicUrl: z
        .string(callersUrl)
        .refine(isHttpUrl, callersUrl)
        .transform((text) => text.replace(/\/+$/, ''))
        .optional()
        .describe(
          'Address that callers use, such as `https://tics.example.com`. Pages of its origin may open WebSockets.',
        ),
      origins: z
        .array(z.string(pageOrigin).refine(isOrigin, pageOrigin), 'a list of origins')
        .optional()
        .describe('Other origins whose pages may open WebSockets, such as `https://console.example.com`.'),
      tics: tics.optional().describe('How TICS is reached. Without it the embedded TICS is started.'),
      tracing: tracing
        .optional()
        .describe('Where traces go. The environment variable `OTEL_EXPORTER_OTLP_ENDPOINT` overrides `endpoint`.'),
      limits: limits.optional().describe('Load above which operations are refused with `OVERLOADED`.'),
      cache: cache.optional().describe('How long answers of reads are kept. 0 turns a use off.'),
      watching: watching.optional().describe('How subscriptions are polled for.'),
      callers: z
        .union([z.literal('anonymous'), z.strictObject({ anonymous: z.literal(true) })], 'anonymous')
        .transform(() => 'anonymous' as const)
        .optional()
        .describe('`anonymous`: everyone who reaches the port has the rights of `tics.account`. Required with `tics`.'),
    },
    'a map of keys',
  );
}

type ConfigFile = z.output<ReturnType<typeof schemaFor>>;

/** How the gateway reaches TICS. */
export type TicsConfig = NonNullable<ConfigFile['tics']> & { readonly spaceUrl: string; readonly iamUrl: string };

/** Where traces go, and which share of those that no caller decided on. */
export type TracingConfig = NonNullable<ConfigFile['tracing']>;

/** One agent whose account the gateway has. */
export type AgentConfig = TicsConfig['agents'][number];

/** The whole configuration. Without `tics`, the embedded TICS is to be started. */
export interface Config extends Omit<ConfigFile, 'tics'> {
  readonly tics?: TicsConfig;
}

/** Endpoints of a region (reference 1.5). */
function regional(service: string, region: string | undefined) {
  return `https://${service}.${region}.myhuaweicloud.com`;
}

function complete({ tics: upstream, ...rest }: ConfigFile): Config {
  return {
    ...rest,
    ...(upstream && {
      tics: {
        ...upstream,
        spaceUrl: upstream.spaceUrl ?? regional('tics', upstream.region),
        iamUrl: upstream.iamUrl ?? regional('iam', upstream.region),
      },
    }),
  };
}

type Environment = Readonly<Record<string, string | undefined>>;

/** What is behind a reference of the configuration, or undefined. */
type Resolve = (kind: 'env' | 'file', name: string) => string | undefined;

/** References to the environment, and to files seen from the configuration file: those can change while the process runs. */
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
 * Puts values of the environment in the place of `${NAME}` and contents of files in the place of `${file:path}`, in texts only,
 * so that a secret can't change the document.
 */
function substitute(value: unknown, found: Resolve, path: readonly string[], faults: ConfigFault[]): unknown {
  if (typeof value === 'string')
    return value.replace(
      /\$\{(?:file:([^}]+)|([A-Za-z_][A-Za-z0-9_]*))\}/g,
      (_, file: string | undefined, name: string) => {
        const text = file === undefined ? found('env', name) : found('file', file);
        const expected =
          file === undefined ? `the environment variable ${name}, which is not set` : 'the path of a readable file';
        if (text === undefined) faults.push({ path: path.join('.'), expected });
        return text ?? '';
      },
    );
  if (Array.isArray(value)) return value.map((item, index) => substitute(item, found, [...path, `${index}`], faults));
  if (typeof value === 'object' && value !== null)
    return Object.fromEntries(
      Object.entries(value).map(([key, item]) => [key, substitute(item, found, [...path, key], faults)]),
    );
  return value;
}

function isMap(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isMore(one: unknown, other: unknown): boolean {
  return typeof one === 'number' && typeof other === 'number' && one > other;
}

/** Intervals that are right each for itself but not together, where both are given. */
function faultsOfIntervals(watching: unknown): ConfigFault[] {
  const { quickMs, slowestMs, agentQuickMs, agentSlowestMs } = isMap(watching) ? watching : {};
  return [
    ...(isMore(quickMs, slowestMs) ? [{ path: 'watching.slowestMs', expected: 'at least quickMs' }] : []),
    ...(isMore(agentQuickMs, agentSlowestMs)
      ? [{ path: 'watching.agentSlowestMs', expected: 'at least agentQuickMs' }]
      : []),
  ];
}

/** Faults of keys that are right each for itself but not together. */
function faultsTogether(file: unknown): ConfigFault[] {
  const { tics, callers, watching } = isMap(file) ? file : {};
  return [...faultsOfIntervals(watching), ...faultsOfTics(tics, callers)];
}

function faultsOfTics(tics: unknown, callers: unknown): ConfigFault[] {
  if (!isMap(tics)) return [];
  const { region: given, spaceUrl, iamUrl, projectId, agents } = tics;
  const ids = Array.isArray(agents) ? agents.map((agent: unknown) => (isMap(agent) ? agent['id'] : undefined)) : [];
  const faults: [boolean, string, string][] = [
    [
      given === undefined && spaceUrl === undefined && iamUrl === undefined,
      'tics.region',
      'a region, or spaceUrl and iamUrl',
    ],
    [spaceUrl !== undefined && iamUrl === undefined, 'tics.iamUrl', 'an address, since spaceUrl is given'],
    [iamUrl !== undefined && spaceUrl === undefined, 'tics.spaceUrl', 'an address, since iamUrl is given'],
    [
      spaceUrl !== undefined && given === undefined && projectId === undefined,
      'tics.projectId',
      'a project id, or region, since spaceUrl is given',
    ],
    [
      callers === undefined,
      'callers',
      'the word anonymous: whoever reaches the port then acts with the rights of tics.account',
    ],
    ...ids.map((id, index): [boolean, string, string] => [
      typeof id === 'string' && ids.indexOf(id) < index,
      `tics.agents.${index}.id`,
      'another id than those before it',
    ]),
  ];
  return faults.flatMap(([isFault, path, expected]) => (isFault ? [{ path, expected }] : []));
}

function faultOf(issue: z.core.$ZodIssue): ConfigFault[] {
  const path = issue.path.join('.');
  if (issue.code === 'unrecognized_keys')
    return issue.keys.map((key) => ({ path: path ? `${path}.${key}` : key, expected: 'no such key' }));
  return [{ path: path || '(the whole file)', expected: issue.message }];
}

/** What a document holds; it may still refer to what is not there, or to far too much. */
function plainOf(document: Document, source: string): unknown {
  try {
    return document.toJS();
  } catch {
    throw new ConfigError(source, [{ path: '(the whole file)', expected: 'YAML whose aliases can be resolved' }]);
  }
}

/**
 * Reads a configuration out of YAML text. `${NAME}` in a text is taken from the environment, `${file:path}` from a file; `PORT`, `HOST` and
 * `OTEL_EXPORTER_OTLP_ENDPOINT` (for `tracing.endpoint`) override.
 *
 * @throws ConfigError with every fault at once, each with its path and what was expected.
 */
export function parseConfig(text: string, environment: Environment, source: string): Config {
  const document = parseDocument(text);
  if (document.errors.length > 0)
    throw new ConfigError(
      source,
      document.errors.map(({ linePos, code }) => ({
        path: linePos ? `line ${linePos[0].line}` : '(the whole file)',
        expected: `YAML (${code.toLowerCase().replaceAll('_', ' ')})`,
      })),
    );
  const faults: ConfigFault[] = [];
  const plain: unknown = substitute(
    plainOf(document, source) ?? {},
    resolveFrom(environment, dirname(source)),
    [],
    faults,
  );
  const overridden = isMap(plain)
    ? {
        ...plain,
        ...(environment['PORT'] && { port: environment['PORT'] }),
        ...(environment['HOST'] && { host: environment['HOST'] }),
        ...(environment['OTEL_EXPORTER_OTLP_ENDPOINT'] && {
          tracing: {
            ...(isMap(plain['tracing']) && plain['tracing']),
            endpoint: environment['OTEL_EXPORTER_OTLP_ENDPOINT'],
          },
        }),
      }
    : plain;
  const read = schemaFor(dirname(source)).safeParse(overridden);
  const known = new Set(faults.map(({ path }) => path));
  const others = [...(read.error?.issues.flatMap(faultOf) ?? []), ...faultsTogether(overridden)];
  const all = [...faults, ...others.filter(({ path }) => !known.has(path))];
  if (!read.success || all.length > 0) throw new ConfigError(source, all);
  return complete(read.data);
}

/**
 * Reads the configuration file that `GATEWAY_CONFIG` names, else `gateway.config.yaml`. Without either, an empty
 * configuration: the embedded TICS.
 *
 * @throws ConfigError with every fault at once.
 */
export function readConfig(environment: Environment = process.env): Config {
  const named = environment['GATEWAY_CONFIG'];
  const path = named ?? 'gateway.config.yaml';
  let text = '';
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    // Only where there is no file at all was nothing meant to be configured.
    if (named !== undefined || !isMap(error) || error['code'] !== 'ENOENT')
      throw new ConfigError(path, [
        { path: named === undefined ? '(the whole file)' : 'GATEWAY_CONFIG', expected: 'the path of a readable file' },
      ]);
  }
  return parseConfig(text, environment, path);
}
