// Runs the bundle in `dist` on the embedded TICS, asks it what most callers ask, and writes the bytecode of all that ran.
import { writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { catchSignals } from '../../src/process/signals.ts';
import { freePort } from '../freePort.ts';
import { bundleFile, codeCacheFile, compileBundle, runBundle } from './script.ts';

const directory = resolve(import.meta.dirname, '../../dist');
const startWithinMs = 60_000;

async function untilHealthy(url: string): Promise<void> {
  const endAt = Date.now() + startWithinMs;
  while (Date.now() < endAt) {
    const response = await fetch(`${url}/healthz`).catch(() => undefined);
    if (response?.ok) return;
    await sleep(50);
  }
  throw new Error(`The bundle did not answer /healthz within ${startWithinMs / 1000} s.`);
}

const port = await freePort();
Object.assign(process.env, { HOST: '127.0.0.1', PORT: `${port}` });
delete process.env['GATEWAY_CONFIG'];
process.chdir(tmpdir());

const script = compileBundle(directory);
void runBundle(script, directory).main([], catchSignals());
const url = `http://127.0.0.1:${port}`;
await untilHealthy(url);
const response = await fetch(`${url}/graphql`, {
  method: 'POST',
  headers: { 'content-type': 'application/json' },
  body: JSON.stringify({
    query: `{ leagues(first: 20) { nodes { id name status
      agents { nodes { id name } }
      datasets(first: 10) { nodes { id name } }
      instances(first: 10) { nodes { id status startedAt } } } } }`,
  }),
});
const { errors } = (await response.json()) as { readonly errors?: unknown };
if (errors !== undefined) throw new Error(`The bundle does not answer: ${JSON.stringify(errors)}`);
const bytecode = script.createCachedData();
writeFileSync(join(directory, codeCacheFile), bytecode);
process.stdout.write(`${bundleFile}: ${bytecode.length} bytes of bytecode\n`);
process.exit(0);
