/**
 * Writes what is derived from the contracts and from the code, or with `--check` fails where it is stale:
 * - src/upstream/generated/{space,agent}.d.ts   wire types, by openapi-typescript
 * - src/upstream/generated/calls.ts             method, path and attributes of every call, by operation id
 * - schema/gateway.graphql                      the schema, printed from the builder
 * - docs/                                       see documents.ts
 */
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { lexicographicSortSchema, printSchema } from 'graphql';
import openapiTypeScript, { astToString } from 'openapi-typescript';
import { contractUrl, objectKinds, planes, readContract, type ContractCall, type ContractPlane } from './contract.ts';
import { undescribed } from './descriptions.ts';
import { documents } from './documents.ts';

const root = new URL('../', import.meta.url);
const notice = '// Generated from schema/ by `npm run generate`. Do not edit.\n';

async function wireTypes(plane: ContractPlane): Promise<string> {
  return (
    notice + astToString(await openapiTypeScript(contractUrl(plane), { alphabetize: false, emptyObjectsUnknown: true }))
  );
}

function list(values: readonly string[]): string {
  return `[${values.map((value) => `'${value}'`).join(', ')}]`;
}

/** What the contract fails to say of a call, or says wrongly: the kinds of objects that it reads or changes. */
function faultsOf({ method, operation }: ContractCall): readonly string[] {
  const attribute = method === 'GET' ? 'x-reads' : 'x-changes';
  const kinds = operation[attribute];
  const id = operation.operationId;
  if (kinds === undefined) return [`${id}: state ${attribute}, a list of kinds of objects, in its contract.`];
  return kinds
    .filter((kind) => !objectKinds.includes(kind))
    .map(
      (kind) =>
        `${id}: ${attribute} names ${kind}, which is none of ${objectKinds.join(', ')}. Use one of them, or add it to objectKinds in schema/contract.ts.`,
    );
}

/** A call's row in the table of calls. */
function attributes({ path, method, operation, objects, agentHeader, isLossless }: ContractCall): readonly string[] {
  const kinds = operation[method === 'GET' ? 'x-reads' : 'x-changes'] ?? [];
  const attribute = method === 'GET' ? 'reads' : 'changes';
  return [
    `method: '${method}'`,
    `path: '${path}'`,
    `${attribute}: ${list(kinds)}`,
    ...(operation['x-cacheable'] === false ? ['cacheable: false'] : []),
    ...(operation['x-run'] === undefined ? [] : [`run: '${operation['x-run']}'`]),
    ...(operation['x-purpose'] === undefined ? [] : [`purpose: '${operation['x-purpose']}'`]),
    ...(isLossless ? ['lossless: true'] : []),
    ...Object.entries(objects).map(([kind, parameter]) => `${kind.toLowerCase()}: '${parameter}'`),
    ...(agentHeader === undefined ? [] : [`agentHeader: '${agentHeader}'`]),
  ];
}

/** @throws Error with the faults of all calls */
// Async, so that it rejects.
// eslint-disable-next-line @typescript-eslint/require-await
async function callTable(): Promise<string> {
  const faults = planes.flatMap((plane) => readContract(plane).flatMap(faultsOf));
  if (faults.length > 0) throw new Error(faults.join('\n'));
  const tables = planes.map((plane) => {
    const rows = readContract(plane).map(
      (call) => `  ${call.operation.operationId}: { ${attributes(call).join(', ')} },`,
    );
    return `export const ${plane}Calls = {\n${rows.join('\n')}\n} as const;\n`;
  });
  return `${notice}\n/** Every call by the contract's operation id, with the contract's attributes (x-…). */\n${tables.join('\n')}`;
}

/**
 * The schema as callers see it, in alphabetical order so that a change shows as itself.
 *
 * @throws Error when something has no description
 */
async function printedSchema(): Promise<string> {
  const { schema } = await import('../src/graphql/schema.ts');
  const bare = undescribed(schema);
  if (bare.length > 0) throw new Error(`Write a description of ${bare.join(', ')}.`);
  return `${printSchema(lexicographicSortSchema(schema))}\n`;
}

const outputs: Readonly<Record<string, () => Promise<string>>> = {
  'src/upstream/generated/space.d.ts': () => wireTypes('space'),
  'src/upstream/generated/agent.d.ts': () => wireTypes('agent'),
  'src/upstream/generated/calls.ts': callTable,
  'schema/gateway.graphql': printedSchema,
  ...documents,
};

const check = process.argv.includes('--check');
await mkdir(new URL('src/upstream/generated/', root), { recursive: true });
const stale: string[] = [];
const faults: string[] = [];
for (const [path, write] of Object.entries(outputs)) {
  const text = await write().catch((error: unknown) => {
    faults.push(`${path}: ${error instanceof Error ? error.message : String(error)}`);
  });
  if (text === undefined) continue;
  const now = await readFile(new URL(path, root), 'utf8').catch(() => undefined);
  if (now === text) continue;
  stale.push(path);
  if (!check) await writeFile(new URL(path, root), text);
}
if (faults.length > 0) {
  process.stderr.write(`not written:\n${faults.join('\n')}\n`);
  process.exitCode = 1;
}
if (stale.length + faults.length === 0) process.stdout.write('everything generated is up to date\n');
else if (stale.length > 0 && check) {
  process.stdout.write(`stale: ${stale.join(', ')}\nRun \`npm run generate\` and commit these files.\n`);
  process.exitCode = 1;
} else if (stale.length > 0) process.stdout.write(`written: ${stale.join(', ')}\n`);
