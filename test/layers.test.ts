import { readdirSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { dirname, join, normalize } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { agentCalls, spaceCalls } from '../src/upstream/generated/calls.ts';

const src = fileURLToPath(new URL('../src/', import.meta.url));

/** Top to bottom: a file may import what stands in its own layer or below it. ESLint reads the same array. */
const layers = JSON.parse(await readFile(join(src, 'layers.json'), 'utf8')) as readonly string[];

/** Domains in the order in which their types build on one another. */
const domains = /^import '\.\/(\w+)\//gm;

function layerOf(file: string): number {
  return layers.indexOf(file.split('/')[0] ?? '');
}

async function importsOf(file: string): Promise<readonly string[]> {
  const text = await readFile(join(src, file), 'utf8');
  return [...text.matchAll(/(?:from|import\(?)\s*'(\.[^']+)'/g)].map(([, path = '']) =>
    normalize(join(dirname(file), path)),
  );
}

const files = readdirSync(src, { recursive: true, encoding: 'utf8' }).filter(
  (file) => file.endsWith('.ts') && !file.includes('generated'),
);
const gatewayFiles = files.filter((file) => !file.startsWith('sandbox/'));

/** The embedded TICS is layered too: its folders, top to bottom. */
const sandboxLayers = [
  'start.ts',
  'sandbox.ts',
  'client.ts',
  'control',
  'seed',
  'space',
  'agent',
  'http',
  'iam',
  'faults',
  'results',
  'lifecycle',
  'learning',
  'sql',
  'data',
  'contract',
  'model',
];

function sandboxLayerOf(file: string): number {
  return sandboxLayers.indexOf(file.split('/')[1] ?? '');
}

/** The first circle of imports found by depth-first search, as a path that ends where it begins. */
function circleIn(imports: ReadonlyMap<string, readonly string[]>): readonly string[] | undefined {
  const done = new Set<string>();
  const visit = (file: string, path: readonly string[]): readonly string[] | undefined => {
    if (path.includes(file)) return [...path.slice(path.indexOf(file)), file];
    if (done.has(file)) return undefined;
    for (const target of imports.get(file) ?? []) {
      const circle = visit(target, [...path, file]);
      if (circle) return circle;
    }
    done.add(file);
    return undefined;
  };
  return [...imports.keys()].map((file) => visit(file, [])).find((circle) => circle !== undefined);
}

describe('layers', () => {
  test('every file of the gateway is in a layer', () => {
    expect(gatewayFiles.length).toBeGreaterThan(20);
    expect(gatewayFiles.filter((file) => layerOf(file) < 0)).toEqual([]);
  });

  test('imports only point down', async () => {
    const upward = await Promise.all(
      gatewayFiles.map(async (file) =>
        (await importsOf(file))
          .filter((target) => !target.startsWith('sandbox/') && layerOf(target) < layerOf(file))
          .map((target) => `${file} imports ${target}`),
      ),
    );
    expect(upward.flat()).toEqual([]);
  });

  test('the embedded TICS and the gateway know nothing of one another, but process, which starts it', async () => {
    const crossing = await Promise.all(
      files.map(async (file) => {
        const inSandbox = file.startsWith('sandbox/');
        return (await importsOf(file))
          .filter((target) => target.startsWith('sandbox/') !== inSandbox && !file.startsWith('process/'))
          .map((target) => `${file} imports ${target}`);
      }),
    );
    expect(crossing.flat()).toEqual([]);
  });

  test('imports of the embedded TICS only point down, too', async () => {
    const inSandbox = files.filter((file) => file.startsWith('sandbox/'));
    expect(inSandbox.filter((file) => sandboxLayerOf(file) < 0)).toEqual([]);
    const upward = await Promise.all(
      inSandbox.map(async (file) =>
        (await importsOf(file))
          .filter((target) => sandboxLayerOf(target) < sandboxLayerOf(file))
          .map((target) => `${file} imports ${target}`),
      ),
    );
    expect(upward.flat()).toEqual([]);
  });

  test('no circle of imports, type imports included', async () => {
    const imports = new Map(await Promise.all(files.map(async (file) => [file, await importsOf(file)] as const)));
    expect(
      circleIn(
        new Map([
          ['a', ['b']],
          ['b', ['c', 'a']],
        ]),
      ),
    ).toEqual(['a', 'b', 'a']);
    expect(circleIn(imports)).toBeUndefined();
  });

  test('types of a domain build only on domains before it', async () => {
    const order = [...(await readFile(join(src, 'graphql/schema.ts'), 'utf8')).matchAll(domains)].map(
      ([, name]) => name,
    );
    const place = (file: string): number => order.indexOf(/^graphql\/(\w+)\//.exec(file)?.[1]);
    const types = gatewayFiles.filter((file) => place(file) >= 0);
    const later = await Promise.all(
      types.map(async (file) =>
        (await importsOf(file))
          .filter((target) => place(target) > place(file))
          .map((target) => `${file} imports ${target}`),
      ),
    );
    expect(types.length).toBeGreaterThan(9);
    expect(later.flat()).toEqual([]);
  });

  test('only config reads the environment', async () => {
    const readers = await Promise.all(
      gatewayFiles.map(async (file) =>
        (await readFile(join(src, file), 'utf8')).includes('process.env') ? [file] : [],
      ),
    );
    expect(readers.flat()).toEqual(['config/config.ts']);
  });

  test('one file races work with time', async () => {
    const races = await Promise.all(
      gatewayFiles.map(async (file) =>
        (await readFile(join(src, file), 'utf8')).includes('Promise.race') ? [file] : [],
      ),
    );
    expect(races.flat()).toEqual(['time.ts']);
  });

  test('upstream names no call and no path of TICS', async () => {
    const calls = [...Object.keys(spaceCalls), ...Object.keys(agentCalls)];
    const parts = Object.values({ ...spaceCalls, ...agentCalls }).flatMap(({ path }) =>
      path.split('/').filter((part) => /[-_]/.test(part)),
    );
    const named = new RegExp(`\\b(${[...calls, ...new Set(parts)].join('|').replace(/[{}]/g, '')})\\b`);
    // What the contract itself calls a parameter that the transport fills.
    const texts = await Promise.all(
      gatewayFiles
        .filter((file) => file.startsWith('upstream/'))
        .map(async (file) => [file, (await readFile(join(src, file), 'utf8')).replaceAll('project_id', '')] as const),
    );
    expect(named.exec('read listLeagues')?.[1]).toBe('listLeagues');
    expect(texts.length).toBeGreaterThan(15);
    expect(texts.flatMap(([file, text]) => (named.test(text) ? [`${file}: ${named.exec(text)?.[1]}`] : []))).toEqual(
      [],
    );
  });

  test('wire types stay in tics and upstream', async () => {
    const users = await Promise.all(
      gatewayFiles.map(async (file) =>
        (await importsOf(file)).some((target) => target.includes('generated/') && target.endsWith('.d.ts'))
          ? [file]
          : [],
      ),
    );
    expect(users.flat().filter((file) => !/^(tics|upstream)\//.test(file))).toEqual([]);
  });
});
