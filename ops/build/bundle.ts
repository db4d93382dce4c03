// Bundles the gateway and all it imports into one script, which `dist/main.js` runs from V8's code cache.
//
// usage: tsx ops/build/bundle.ts [directory, in place of dist]
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { build, type BuildOptions, type Plugin } from 'esbuild';
import { bundleFile } from './script.ts';

const repository = resolve(import.meta.dirname, '../..');
const dist = resolve(repository, process.argv[2] ?? 'dist');

/** Packages with binaries of their own stay in node_modules. */
const external = ['@duckdb/node-api'];

/** Packages that few processes ever load: each is a file of its own beside the bundle, read when it is first imported. */
const loadedWhenUsed: Readonly<Record<string, string>> = {
  '@graphql-yoga/render-graphiql': 'graphiql.cjs',
  '@opentelemetry/sdk-node': 'tracing.cjs',
  ioredis: 'redis.cjs',
};

const outsideBundle: Plugin = {
  name: 'loaded when used',
  setup: (bundle) => {
    bundle.onResolve({ filter: /^(@|ioredis$)/ }, ({ path, kind }) => {
      const file = kind === 'dynamic-import' ? loadedWhenUsed[path] : undefined;
      return file === undefined ? undefined : { path: `./${file}`, external: true };
    });
  },
};

const argumentsOfFields = 'export function getArgumentValues(def, node, variableValues) {';

/**
 * graphql-js makes two maps for the arguments of each field, a sixth of what is allocated for a long list. Nearly all fields have
 * no arguments: they get one map that is made once. graphql-js itself is as it is wherever the sources run.
 */
const fieldsWithoutArguments: Plugin = {
  name: 'fields without arguments',
  setup: (bundle) => {
    bundle.onLoad({ filter: /graphql\/execution\/values\.mjs$/ }, async ({ path }) => {
      const text = await readFile(path, 'utf8');
      if (!text.includes(argumentsOfFields)) throw new Error(`${path} has changed: look for getArgumentValues there.`);
      const noArguments = 'const noArguments = Object.freeze(Object.create(null));';
      const early = 'if (def.args.length === 0) return noArguments;';
      return { contents: text.replace(argumentsOfFields, `${noArguments}\n${argumentsOfFields}\n  ${early}`) };
    });
  },
};

const partsOfUndici = `
  import Dispatcher from './lib/dispatcher/dispatcher.js';
  import api from './lib/api/index.js';
  Object.assign(Dispatcher.prototype, api);
  export { default as EnvHttpProxyAgent } from './lib/dispatcher/env-http-proxy-agent.js';
  export { default as Pool } from './lib/dispatcher/pool.js';
  export { default as buildConnector } from './lib/core/connect.js';
`;

/** undici's index also loads its fetch, WebSocket, caches and mocks, and what these load of Node. */
const undiciInParts: Plugin = {
  name: 'undici in parts',
  setup: (bundle) => {
    bundle.onLoad({ filter: /undici\/index\.js$/ }, ({ path }) => ({
      contents: partsOfUndici,
      resolveDir: dirname(path),
    }));
  },
};

const shared = {
  bundle: true,
  platform: 'node',
  target: 'node20.19',
  absWorkingDir: repository,
  logLevel: 'warning',
} satisfies BuildOptions;

await rm(dist, { recursive: true, force: true });
await mkdir(dist);

const { outputFiles } = await build({
  ...shared,
  entryPoints: ['src/process/run.ts'],
  format: 'cjs',
  // ES modules become one scope. CommonJS ones are reached through getters, which costs each access in the hot path.
  mainFields: ['module', 'main'],
  external,
  plugins: [outsideBundle, fieldsWithoutArguments, undiciInParts],
  charset: 'ascii',
  // A script from the code cache can't import (its callback is lost), so what is loaded later is required.
  supported: { 'dynamic-import': false },
  define: {
    'import.meta.url': 'importMetaUrl',
    'import.meta.dirname': '__dirname',
    // Otherwise graphql-js looks at each value for classes of another copy of itself.
    'process.env.NODE_ENV': '"production"',
  },
  banner: { js: "const importMetaUrl = require('node:url').pathToFileURL(__filename).href;" },
  write: false,
});
await writeFile(
  join(dist, bundleFile),
  `(function (exports, require, module, __filename, __dirname) {${outputFiles[0]?.text}\n})`,
);

await build({ ...shared, entryPoints: ['ops/build/main.ts'], format: 'esm', outfile: join(dist, 'main.js') });
for (const [name, file] of Object.entries(loadedWhenUsed))
  await build({ ...shared, entryPoints: [name], format: 'cjs', minifyWhitespace: true, outfile: join(dist, file) });
