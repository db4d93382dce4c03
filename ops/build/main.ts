// `dist/main.js`: runs the bundle beside it.
import { compileBundle, runBundle } from './script.ts';

runBundle(compileBundle(import.meta.dirname), import.meta.dirname);
