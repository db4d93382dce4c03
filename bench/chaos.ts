/**
 * The gateway between callers and a TICS that fails: a fault proxy stands before each server of the embedded TICS, all in
 * this process. The same reads are done without faults and under 10% of them in turn; then scenes follow. Fails when a figure
 * is not met; the short form judges by counts alone, not by times.
 *
 * usage: npm run bench:chaos [-- --short] [--seed 1] [--size 1] [--only "a hung agent"]
 */
import { parseArgs } from 'node:util';
import { scenes, type Scene } from './chaosScenes.ts';

const { values } = parseArgs({
  options: {
    short: { type: 'boolean', default: false },
    seed: { type: 'string', default: '1' },
    size: { type: 'string', default: '1' },
    only: { type: 'string' },
  },
});

const options = { seed: Number(values.seed), isShort: values.short, size: Number(values.size) };
function print(line: string): void {
  return void process.stdout.write(`${line}\n`);
}

const chosen = Object.entries(scenes).filter(([name]) => values.only === undefined || values.only === name);

async function timed(play: Scene) {
  const startedAt = performance.now();
  const findings = await play(options);
  return { findings, seconds: (performance.now() - startedAt) / 1000 };
}

// Where times are not judged, the scenes, which mostly wait, are played side by side.
const underWay = new Map(options.isShort ? chosen.map(([name, play]) => [name, timed(play)]) : []);

for (const [name, play] of chosen) {
  const { findings, seconds } = await (underWay.get(name) ?? timed(play));
  print(`${name} (${seconds.toFixed(1)} s)`);
  for (const { what, measured, isMet, isTiming } of findings) {
    const isJudged = !isTiming || !options.isShort;
    print(`  ${isMet ? 'ok  ' : isJudged ? 'FAIL' : 'slow'}  ${what}: ${measured}`);
    if (isJudged && !isMet) process.exitCode = 1;
  }
}
