import { z } from 'zod';
import { coded, page, table } from './markdown.ts';

/** A node of the JSON Schema that zod exports, as far as the reference needs it. */
interface JsonSchema {
  readonly type?: string;
  readonly const?: unknown;
  readonly enum?: readonly unknown[];
  readonly anyOf?: readonly JsonSchema[];
  readonly items?: JsonSchema;
  readonly properties?: Readonly<Record<string, JsonSchema>>;
  readonly required?: readonly string[];
  readonly minimum?: number;
  readonly maximum?: number;
  readonly exclusiveMinimum?: number;
  readonly default?: unknown;
  readonly description?: string;
}

/** JSON Schema writes the largest safe integer where a number has no upper limit. */
function isLimit(value: number | undefined): value is number {
  return value !== undefined && Math.abs(value) < Number.MAX_SAFE_INTEGER;
}

function rangeOf({ minimum, maximum, exclusiveMinimum }: JsonSchema): string {
  return [
    isLimit(exclusiveMinimum) ? ` above ${exclusiveMinimum}` : '',
    isLimit(minimum) ? ` from ${minimum}` : '',
    isLimit(maximum) ? ` to ${maximum}` : '',
  ].join('');
}

function typeOf(schema: JsonSchema): string {
  if (schema.const !== undefined) return coded([JSON.stringify(schema.const)]);
  if (schema.enum !== undefined) return schema.enum.map((value) => coded([String(value)])).join(' or ');
  // A number may be written as text, since environment variables are: the reference names the number.
  const [first, ...others] = schema.anyOf ?? [];
  if (first !== undefined) return typeOf(others.find(({ type }) => type === 'integer') ?? first);
  if (schema.type === 'array') return `list of ${typeOf(schema.items ?? {})}s`;
  if (schema.type === 'object') return 'map';
  if (schema.type === 'string') return 'text';
  return `${schema.type === 'integer' ? 'whole number' : 'number'}${rangeOf(schema)}`;
}

interface Section {
  readonly path: string;
  readonly schema: JsonSchema;
}

/** A map of keys, and all maps in it, each by its path. */
function sectionsOf({ path, schema }: Section): readonly Section[] {
  const inner = Object.entries(schema.properties ?? {}).flatMap(([key, property]): readonly Section[] => {
    const item = property.items ?? property;
    const itemPath = `${path === '' ? '' : `${path}.`}${key}${property.items ? '[]' : ''}`;
    return item.properties === undefined ? [] : sectionsOf({ path: itemPath, schema: item });
  });
  return [{ path, schema }, ...inner];
}

/** @throws Error when a key has no description: nobody would find out what it is for. */
function rowOf({ path, schema }: Section, key: string, property: JsonSchema): readonly string[] {
  const name = path === '' ? key : `${path}.${key}`;
  if (property.description === undefined)
    throw new Error(`The configuration key ${name} has no description: add .describe() to it in src/config.`);
  const value = property.default;
  // An empty map or list: the table of the section has what is in it.
  const shown =
    value === undefined || typeof value === 'object'
      ? ''
      : coded([typeof value === 'string' ? value : JSON.stringify(value)]);
  const isRequired = schema.required?.includes(key) === true && shown === '';
  return [coded([key]), typeOf(property), isRequired ? 'required' : shown, property.description];
}

function sectionText(section: Section): readonly string[] {
  const { path, schema } = section;
  const rows = Object.entries(schema.properties ?? {}).map(([key, property]) => rowOf(section, key, property));
  return [path === '' ? '## The file' : `## \`${path}\``, table(['key', 'type', 'default', 'what it sets'], rows)];
}

/** docs/configuration.md, from the schema that the file is checked against. */
export async function configurationReference(): Promise<string> {
  const { configSchema } = await import('../src/config/config.ts');
  const schema = z.toJSONSchema(configSchema('.'), { io: 'input', unrepresentable: 'any' }) as JsonSchema;
  return page(
    'Configuration',
    'The gateway reads one YAML file: the one that the environment variable `GATEWAY_CONFIG` names, else `gateway.config.yaml` in the working directory. Without either it starts the embedded TICS.',
    'In any text, `${NAME}` is replaced by an environment variable and `${file:path}` by the content of a file, so that the file itself holds no secret. Relative paths start at the configuration file.',
    'All faults of a file are reported at once, each with its path and what was expected; the exit code is 1. Addresses of TICS are `https://`; `http://` is for loopback only. [Operating](operating.md#reload) says which keys SIGHUP takes over.',
    ...sectionsOf({ path: '', schema }).flatMap((section) => sectionText(section)),
  );
}
