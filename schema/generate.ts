/**
 * Writes what is derived from the contracts and from the builder, or with `--check` fails where it is stale:
 * - src/upstream/generated/{space,agent}.d.ts   wire types, by openapi-typescript
 * - src/upstream/generated/calls.ts             method and path of every call, by operation id
 */
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import openapiTypeScript, { astToString } from 'openapi-typescript';
import { parse } from 'yaml';

const root = new URL('../', import.meta.url);
const notice = '// Generated from schema/ by `npm run generate`. Do not edit.\n';

interface Operation {
  readonly operationId: string;
  readonly 'x-section': string;
}
interface Contract {
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
}

const planes = ['space', 'agent'] as const;
const methods = ['get', 'post', 'put', 'delete'];

const contractUrl = (plane: string) => new URL(`schema/tics-${plane}.openapi.yaml`, root);

const wireTypes = async (plane: string): Promise<string> =>
  notice + astToString(await openapiTypeScript(contractUrl(plane), { alphabetize: false, emptyObjectsUnknown: true }));

const callTable = async (): Promise<string> => {
  const tables = await Promise.all(
    planes.map(async (plane) => {
      const contract = parse(await readFile(contractUrl(plane), 'utf8')) as Contract;
      const rows = Object.entries(contract.paths).flatMap(([path, operations]) =>
        Object.entries(operations)
          .filter(([method]) => methods.includes(method))
          .map(([method, { operationId }]) => `  ${operationId}: { method: '${method.toUpperCase()}', path: '${path}' },`),
      );
      return `export const ${plane}Calls = {\n${rows.join('\n')}\n} as const;\n`;
    }),
  );
  return `${notice}\n/** Method and path of every call, by the contract's operation id. */\n${tables.join('\n')}`;
};

const outputs: Readonly<Record<string, () => Promise<string>>> = {
  'src/upstream/generated/space.d.ts': () => wireTypes('space'),
  'src/upstream/generated/agent.d.ts': () => wireTypes('agent'),
  'src/upstream/generated/calls.ts': callTable,
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
