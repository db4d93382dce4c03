import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { Script } from 'node:vm';
import type * as Run from '../../src/process/run.ts';

/** The bundle, one expression: a function as CommonJS wraps modules in. */
export const bundleFile = 'gateway.cjs';

/** Bytecode of the bundle, made by one version of V8. Another version refuses it, and compiles the bundle as usual. */
export const codeCacheFile = 'gateway.cache';

/** Compiles the bundle in `directory`, from its code cache where V8 accepts it. */
export function compileBundle(directory: string): Script {
  const cache = join(directory, codeCacheFile);
  return new Script(readFileSync(join(directory, bundleFile), 'latin1'), {
    filename: join(directory, bundleFile),
    cachedData: existsSync(cache) ? readFileSync(cache) : undefined,
  });
}

/** Loads a compiled bundle as the module `dist/main.js`. */
export function runBundle(script: Script, directory: string): typeof Run {
  const filename = join(directory, 'main.js');
  const module = { exports: {} as typeof Run };
  const run = script.runInThisContext() as (...parts: readonly unknown[]) => void;
  run(module.exports, createRequire(filename), module, filename, directory);
  return module.exports;
}
