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
import { contractUrl, planes, readContract, type ContractCall, type ContractPlane } from './contract.ts';
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

/**
 * A call's row in the table of calls.
 *
 * @throws Error when the contract does not state which kinds of objects it reads or changes
 */
function attributes({ path, method, operation, objects, agentHeader, isLossless }: ContractCall): readonly string[] {
  const kinds = operation[method === 'GET' ? 'x-reads' : 'x-changes'];
  const attribute = method === 'GET' ? 'reads' : 'changes';
  if (kinds === undefined)
    throw new Error(`${operation.operationId}: state x-${attribute}, a list of kinds of objects, in its contract.`);
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

// Async, so that a fault of a contract rejects.
// eslint-disable-next-line @typescript-eslint/require-await
async function callTable(): Promise<string> {
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
