/**
 * Writes what is derived from the contracts and from the builder, or with `--check` fails where it is stale:
 * - src/upstream/generated/{space,agent}.d.ts   wire types, by openapi-typescript
 * - src/upstream/generated/calls.ts             method and path of every call, by operation id
 * - schema/gateway.graphql                      the schema, printed from the builder
 * - README.md                                   its table of calls, and the operator's page: metrics, alerts, log, error codes
 */
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { isInterfaceType, isObjectType, lexicographicSortSchema, printSchema, type GraphQLSchema } from 'graphql';
import openapiTypeScript, { astToString } from 'openapi-typescript';
import { parse } from 'yaml';

const root = new URL('../', import.meta.url);
const notice = '// Generated from schema/ by `npm run generate`. Do not edit.\n';

interface Operation {
  readonly operationId: string;
  readonly 'x-section': string;
  /** GraphQL coordinates under which the call surfaces. */
  readonly 'x-surfaces': readonly string[];
}
interface Contract {
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
}

const planes = ['space', 'agent'] as const;
const methods = ['get', 'post', 'put', 'delete'];

function contractUrl(plane: string) {
  return new URL(`schema/tics-${plane}.openapi.yaml`, root);
}

async function wireTypes(plane: string): Promise<string> {
  return (
    notice + astToString(await openapiTypeScript(contractUrl(plane), { alphabetize: false, emptyObjectsUnknown: true }))
  );
}

async function readContract(plane: string) {
  const { paths } = parse(await readFile(contractUrl(plane), 'utf8')) as Contract;
  return Object.entries(paths).flatMap(([path, operations]) =>
    Object.entries(operations)
      .filter(([method]) => methods.includes(method))
      .map(([method, operation]) => ({ path, method: method.toUpperCase(), operation })),
  );
}

async function callTable(): Promise<string> {
  const tables = await Promise.all(
    planes.map(async (plane) => {
      const rows = (await readContract(plane)).map(
        ({ path, method, operation }) => `  ${operation.operationId}: { method: '${method}', path: '${path}' },`,
      );
      return `export const ${plane}Calls = {\n${rows.join('\n')}\n} as const;\n`;
    }),
  );
  return `${notice}\n/** Method and path of every call, by the contract's operation id. */\n${tables.join('\n')}`;
}

/** The schema as callers see it, in alphabetical order so that a change shows as itself. */
async function printedSchema(): Promise<string> {
  const { schema } = await import('../src/graphql/schema.ts');
  return `${printSchema(lexicographicSortSchema(schema))}\n`;
}

const planeNames = { space: 'space', agent: 'agent' } as const;

/** Whether a coordinate such as `League.partners` (or a type's bare name) exists in the schema. */
function exists(schema: GraphQLSchema, coordinate: string): boolean {
  const [typeName = '', fieldName] = coordinate.split('.');
  const type = schema.getType(typeName);
  if (fieldName === undefined || type === undefined) return type !== undefined;
  return (isObjectType(type) || isInterfaceType(type)) && fieldName in type.getFields();
}

/** The table of all calls and where each surfaces; what the schema does not have yet says so. */
async function callsTable(): Promise<string> {
  const { schema } = await import('../src/graphql/schema.ts');
  const rows = await Promise.all(
    planes.map(async (plane) =>
      (await readContract(plane)).flatMap(({ path, method, operation }) => {
        const surfaces = operation['x-surfaces'].map((coordinate) =>
          exists(schema, coordinate) ? `\`${coordinate}\`` : `\`${coordinate}\` (not yet)`,
        );
        const isIam = path.startsWith('/v3/');
        return `| ${operation['x-section']} | ${isIam ? 'IAM' : planeNames[plane]} | \`${operation.operationId}\` | \`${method} ${path}\` | ${
          surfaces.length === 0 ? 'sign-in of the gateway' : surfaces.join(', ')
        } |`;
      }),
    ),
  );
  const all = rows.flat();
  return [
    `| § | plane | call | request | surfaces as |`,
    '|---|---|---|---|---|',
    ...all,
    '',
    `${all.length} calls.`,
  ].join('\n');
}

/** A cell of a table: one line, and no end of the cell in it. */
function cell(text: string): string {
  return text.replace(/\s+/g, ' ').replaceAll('|', '\\|');
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  return [head, head.map(() => '---'), ...rows]
    .map((cells, index) => (index === 1 ? `|${cells.join('|')}|` : `| ${cells.map(cell).join(' | ')} |`))
    .join('\n');
}

function coded(names: readonly string[]): string {
  return names.map((name) => `\`${name}\``).join(', ');
}

interface AlertRule {
  readonly alert: string;
  readonly labels: { readonly severity: string };
  readonly annotations: { readonly summary: string; readonly action: string };
}

/** Every metric, alert, log line and error code, from the code that makes them. */
async function operatorsPage(): Promise<string> {
  const { createMetrics } = await import('../src/telemetry/metrics.ts');
  const { errorCodes } = await import('../src/errors.ts');
  const { commonFields, operationFields, otherLines, refusalFields, upstreamFailureFields } =
    await import('../src/telemetry/logFields.ts');
  const metrics = createMetrics();
  metrics.close();
  const { groups } = parse(await readFile(new URL('ops/alerts.yaml', root), 'utf8')) as {
    readonly groups: readonly { readonly rules: readonly AlertRule[] }[];
  };
  const alerts = groups.flatMap(({ rules }) => rules);
  const fields = (described: Readonly<Record<string, string>>): string =>
    table(
      ['field', 'what it holds'],
      Object.entries(described).map(([name, text]) => [`\`${name}\``, text]),
    );
  return [
    '### Metrics',
    table(
      ['metric', 'type', 'labels', 'what it counts'],
      metrics.describe().map(({ name, type, labels, help }) => [`\`${name}\``, type, coded(labels), help]),
    ),
    '### Alerts',
    table(
      ['alert', '', 'what it means', 'what to do'],
      alerts.map(({ alert, labels, annotations: { summary, action } }) => [
        `\`${alert}\``,
        labels.severity,
        summary.replace(/\{\{ \$labels\.(\w+) \}\}/g, '`$1`'),
        action,
      ]),
    ),
    '### The log',
    'Every line:',
    fields(commonFields),
    '`operation`: an operation was executed.',
    fields(operationFields),
    '`request refused`: nothing of a request was executed.',
    fields(refusalFields),
    '`upstream call failed`: a `warn` where an operator may have to do something, else `debug`.',
    fields(upstreamFailureFields),
    'Other lines:',
    table(
      ['line', 'what it means'],
      Object.entries(otherLines).map(([name, text]) => [`\`${name}\``, text]),
    ),
    '### Error codes',
    table(
      ['code', 'what it means and what to do'],
      Object.entries(errorCodes).map(([name, text]) => [`\`${name}\``, text]),
    ),
  ].join('\n\n');
}

function between(name: string, document: string, text: string): string {
  return document.replace(
    new RegExp(`(<!-- ${name}: [^>]*-->)[\\s\\S]*(<!-- ${name} end -->)`),
    (_, begin: string, end: string) => `${begin}\n\n${text}\n\n${end}`,
  );
}

async function readme(): Promise<string> {
  const text = await readFile(new URL('README.md', root), 'utf8');
  return between('operations', between('calls', text, await callsTable()), await operatorsPage());
}

const outputs: Readonly<Record<string, () => Promise<string>>> = {
  'src/upstream/generated/space.d.ts': () => wireTypes('space'),
  'src/upstream/generated/agent.d.ts': () => wireTypes('agent'),
  'src/upstream/generated/calls.ts': callTable,
  'schema/gateway.graphql': printedSchema,
  'README.md': readme,
};

const check = process.argv.includes('--check');
await mkdir(new URL('src/upstream/generated/', root), { recursive: true });
const stale: string[] = [];
for (const [path, write] of Object.entries(outputs)) {
  const text = await write();
  const now = await readFile(new URL(path, root), 'utf8').catch(() => undefined);
  if (now === text) continue;
  stale.push(path);
  if (!check) await writeFile(new URL(path, root), text);
}
process.stdout.write(
  stale.length === 0 ? 'everything generated is up to date\n' : `${check ? 'stale' : 'written'}: ${stale.join(', ')}\n`,
);
if (check && stale.length > 0) process.exitCode = 1;
