// `dist/main.js`: runs the bundle beside it, as src/main.ts runs what it bundles.
import { requireNode } from '../../src/process/nodeVersion.ts';
import { catchSignals } from '../../src/process/signals.ts';
import { compileBundle, runBundle } from './script.ts';

requireNode();
const signals = catchSignals();
const { main } = runBundle(compileBundle(import.meta.dirname), import.meta.dirname);
await main(process.argv.slice(2), signals);
