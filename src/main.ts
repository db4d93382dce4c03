import { requireNode } from './process/nodeVersion.ts';
import { catchSignals } from './process/signals.ts';

requireNode();
// Loading the rest takes a second or more: signals that come meanwhile count.
const signals = catchSignals();
const { main } = await import('./process/run.ts');
await main(process.argv.slice(2), signals);
