// `dist/main.js`: runs the bundle beside it, as src/main.ts runs what it bundles.
import { setFlagsFromString } from 'node:v8';
import { requireNode } from '../../src/process/nodeVersion.ts';
import { catchSignals } from '../../src/process/signals.ts';
import { compileBundle, runBundle } from './script.ts';

/**
 * Bytecode that a function has run when V8 compiles it. By the default of V8 11, 67,584, the first 5,000 small queries cost up to
 * three times as much as later ones; by this, the first 2,000 do. Later versions of V8 don't know the flag, and say so.
 */
const interruptBudget = 30_000;

/**
 * By default V8 allocates objects among the old ones where earlier objects of the same site lived long. Here those are parts of
 * requests. Few live long, and each keeps all that it refers to until the next major collection.
 */
const withoutPretenuring = '--no-allocation-site-pretenuring';

requireNode();
const signals = catchSignals();
const bundle = compileBundle(import.meta.dirname);
// Behind the code cache, which V8 refuses where flags have changed since it was written.
setFlagsFromString(withoutPretenuring);
if (process.versions.v8.startsWith('11.')) setFlagsFromString(`--interrupt-budget=${interruptBudget}`);
const { main } = runBundle(bundle, import.meta.dirname);
await main(process.argv.slice(2), signals);
