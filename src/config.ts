import { readFileSync } from 'node:fs';
import { X509Certificate } from 'node:crypto';
import { parseDocument } from 'yaml';
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

const isUpstreamUrl = (text: string): boolean => {
  if (!URL.canParse(text)) return false;
  const { protocol, hostname, search, hash, username } = new URL(text);
  return (
    (protocol === 'https:' || (protocol === 'http:' && loopback.has(hostname))) && `${search}${hash}${username}` === ''
  );
};

const upstreamUrl = z
  .string('an https:// address')
  .refine(isUpstreamUrl, 'an https:// address without query or credentials; http:// is for loopback only')
  .transform((text) => text.replace(/\/+$/, ''));

const required = (what: string) => z.string(`${what}, as text`).min(1, `${what}, not empty`);
const ticsId = (what: string) => required(what).regex(/^[0-9A-Za-z]{1,32}$/, `${what}: at most 32 letters and digits`);

/** A PEM, or the path of a file that holds one. */
const certificate = required('a certificate (PEM, or the path of a PEM file)').transform((text, context) => {
  try {
    const pem = text.includes('-----BEGIN') ? text : readFileSync(text, 'utf8');
    return new X509Certificate(pem).toString();
  } catch {
    context.addIssue('a readable X.509 certificate (PEM, or the path of a PEM file)');
    return z.NEVER;
  }
});

const isTimeZone = (text: string): boolean => {
  try {
    return new Intl.DateTimeFormat('en', { timeZone: text }).resolvedOptions().timeZone !== '';
  } catch {
    return false;
  }
};

const agent = z.strictObject({
  id: ticsId('the agent id'),
  url: upstreamUrl.optional(),
  user: required('the agent account'),
  password: required('its password'),
  certificate: certificate.optional(),
});

const tics = z
  .strictObject({
    region: z
      .string('a region id, such as cn-north-4')
      .regex(/^[a-z0-9-]{1,64}$/, 'a region id, such as cn-north-4')
      .optional(),
    spaceUrl: upstreamUrl.optional(),
    iamUrl: upstreamUrl.optional(),
    projectId: ticsId('the project id').optional(),
    account: z.strictObject({
      domain: required('the IAM domain (account) name'),
      user: required('the IAM user name'),
      password: required('its password'),
    }),
    language: z.enum(['zh-cn', 'en_us'], 'zh-cn or en_us').default('en_us'),
    timeZone: z
      .string('a time zone, such as Asia/Shanghai')
      .refine(isTimeZone, 'a time zone, such as Asia/Shanghai')
      .default('Asia/Shanghai'),
    agents: z
      .array(agent, 'a list of agents')
      .refine((list) => new Set(list.map(({ id }) => id)).size === list.length, 'agents with ids that differ')
      .default([]),
  })
  .superRefine(({ region, spaceUrl, iamUrl, projectId }, context) => {
    const expect = (path: string, message: string) => context.addIssue({ code: 'custom', path: [path], message });
    if (region === undefined && spaceUrl === undefined) expect('region', 'a region, or spaceUrl with iamUrl');
    if (spaceUrl !== undefined && iamUrl === undefined) expect('iamUrl', 'an address, since spaceUrl is given');
    if (iamUrl !== undefined && spaceUrl === undefined) expect('spaceUrl', 'an address, since iamUrl is given');
    if (spaceUrl !== undefined && region === undefined && projectId === undefined)
      expect('projectId', 'a project id, or region, since spaceUrl is given');
  });

const file = z
  .strictObject({
    port: z.coerce
      .number('a port number')
      .int('a whole number')
      .min(0, 'at least 0')
      .max(65_535, 'at most 65535')
      .default(4000),
    host: required('an address to listen on').default('127.0.0.1'),
    publicUrl: z
      .url('the address that callers use')
      .transform((text) => text.replace(/\/+$/, ''))
      .optional(),
    tics: tics.optional(),
    callers: z
      .union([z.literal('anonymous'), z.strictObject({ anonymous: z.literal(true) })], 'anonymous')
      .transform(() => 'anonymous' as const)
      .optional(),
  })
  .superRefine(({ tics: upstream, callers }, context) => {
    if (upstream !== undefined && callers === undefined)
      context.addIssue({
        code: 'custom',
        path: ['callers'],
        message: 'the word anonymous: whoever reaches the port acts with the rights of tics.account',
      });
  });

/** How the gateway reaches TICS. */
export type TicsConfig = z.output<typeof tics> & { readonly spaceUrl: string; readonly iamUrl: string };

/** One agent whose account the gateway has. */
export type AgentConfig = z.output<typeof agent>;

/** The whole configuration. Without `tics`, the embedded TICS is to be started. */
export interface Config extends Omit<z.output<typeof file>, 'tics'> {
  readonly tics?: TicsConfig;
}

/** Endpoints of a region (reference 1.5). */
const regional = (service: string, region: string | undefined) => `https://${service}.${region}.myhuaweicloud.com`;

const complete = ({ tics: upstream, ...rest }: z.output<typeof file>): Config => ({
  ...rest,
  ...(upstream && {
    tics: {
      ...upstream,
      spaceUrl: upstream.spaceUrl ?? regional('tics', upstream.region),
      iamUrl: upstream.iamUrl ?? regional('iam', upstream.region),
    },
  }),
});

type Environment = Readonly<Record<string, string | undefined>>;

/** Puts environment values in the place of `${NAME}`, in texts only, so that a secret can't change the document. */
const substitute = (
  value: unknown,
  environment: Environment,
  path: readonly string[],
  faults: ConfigFault[],
): unknown => {
  if (typeof value === 'string')
    return value.replace(/\$\{([A-Za-z_][A-Za-z0-9_]*)\}/g, (_, name: string) => {
      const found = environment[name];
      if (found === undefined)
        faults.push({ path: path.join('.'), expected: `the environment variable ${name}, which is not set` });
      return found ?? '';
    });
  if (Array.isArray(value))
    return value.map((item, index) => substitute(item, environment, [...path, `${index}`], faults));
  if (typeof value === 'object' && value !== null)
    return Object.fromEntries(
      Object.entries(value).map(([key, item]) => [key, substitute(item, environment, [...path, key], faults)]),
    );
  return value;
};

const faultOf = (issue: z.core.$ZodIssue): ConfigFault[] => {
  const path = issue.path.join('.');
  if (issue.code === 'unrecognized_keys')
    return issue.keys.map((key) => ({ path: path ? `${path}.${key}` : key, expected: 'no such key' }));
  return [{ path: path || '(the whole file)', expected: issue.message }];
};

/**
 * Reads a configuration out of YAML text. `${NAME}` in a text is taken from the environment; `PORT` and `HOST` override.
 *
 * @throws ConfigError with every fault at once, each with its path and what was expected.
 */
export const parseConfig = (text: string, environment: Environment, source: string): Config => {
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
  const plain: unknown = substitute(document.toJS() ?? {}, environment, [], faults);
  const overridden =
    typeof plain === 'object' && plain !== null && !Array.isArray(plain)
      ? {
          ...plain,
          ...(environment['PORT'] !== undefined && { port: environment['PORT'] }),
          ...(environment['HOST'] !== undefined && { host: environment['HOST'] }),
        }
      : plain;
  const read = file.safeParse(overridden, {
    error: (issue) =>
      issue.code === 'invalid_type' && issue.input === undefined ? 'a value (it is missing)' : undefined,
  });
  const known = new Set(faults.map(({ path }) => path));
  const all = [...faults, ...(read.error?.issues.flatMap(faultOf).filter(({ path }) => !known.has(path)) ?? [])];
  if (!read.success || all.length > 0) throw new ConfigError(source, all);
  return complete(read.data);
};

/**
 * Reads the configuration file that `GATEWAY_CONFIG` names, else `gateway.config.yaml`. Without either, an empty
 * configuration: the embedded TICS.
 *
 * @throws ConfigError with every fault at once.
 */
export const readConfig = (environment: Environment = process.env): Config => {
  const named = environment['GATEWAY_CONFIG'];
  const path = named ?? 'gateway.config.yaml';
  let text = '';
  try {
    text = readFileSync(path, 'utf8');
  } catch {
    if (named !== undefined)
      throw new ConfigError(path, [{ path: 'GATEWAY_CONFIG', expected: 'the path of a readable file' }]);
  }
  return parseConfig(text, environment, path);
};
