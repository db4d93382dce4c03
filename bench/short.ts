/**
 * The short form of the bench: Q1 and Q2 of the gateway against the same calls by hand, in less than two minutes. Fails on what
 * is counted: a request executed that must be refused, an answer that differs, an upstream call too many or too few. Ratios are
 * printed; they fail it only where all windows of a set lie far under the committed figure, in set after set.
 *
 * usage: npm run bench:short
 */
import { loadavg } from 'node:os';
import { readResults } from './results.ts';
import type { GoalName } from './goals.ts';
import { demandRefused, guards, tryGuards } from './kit/guards.ts';
import { cpuRatio, figureOf, interleave, type Entry, type Measured } from './kit/interleave.ts';
import { asks, callsOf } from './kit/queries.ts';
import { worstDisturbance } from './kit/section.ts';
import { setUp, type Stage } from './kit/stage.ts';
import { digits, rangeText } from './kit/statistics.ts';
import { oursUnshared, raw } from './subjects/all.ts';

const rounds = { windows: 3, seconds: 2, warmSeconds: 3 };

/** Sets of windows that are measured at most. */
const sets = 2;

/** A window is far under the committed figure below this share of it. */
const farUnder = 0.6;

/** Signing in, and asking whether upstream is alive, are calls too. */
const callsBesides = 0.05;

const kinds = { q1: 'q1Raw', q2: 'q2Raw' } as const satisfies Record<keyof typeof asks, GoalName>;

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}

async function entriesOf(stage: Stage): Promise<readonly Entry[]> {
  const subjects = [oursUnshared(), raw];
  const entries = Object.entries(asks).flatMap(([kind, ask]) =>
    subjects.map(async (subject) => ({
      name: `${subject.name} ${kind}`,
      running: await stage.kept(subject),
      question: await subject.question(ask, stage.world),
      connections: 32,
    })),
  );
  return Promise.all(entries);
}

/** @throws Error when an answer costs other calls than it must */
function demandCalls(measured: Measured): void {
  for (const [kind, ask] of Object.entries(asks)) {
    const calls = figureOf(measured, `ours ${kind}`, (window) => window.calls);
    const expected = callsOf(ask);
    print(`${kind}: ${rangeText(calls)} calls an answer`);
    if (calls.min < expected - callsBesides || calls.max > expected * (1 + callsBesides))
      throw new Error(`${kind}: ${digits(calls.max)} upstream calls an answer instead of ${expected}`);
  }
}

/** Names the ratios that all lie far under their committed figures. */
function compareRatios(measured: Measured): readonly string[] {
  const committed = Object.assign({}, ...Object.values(readResults()).map(({ goals }) => goals)) as ReturnType<
    typeof readResults
  >[string]['goals'];
  return Object.entries(kinds).flatMap(([kind, goal]) => {
    const ratio = cpuRatio(measured, `raw ${kind}`, `ours ${kind}`);
    const figure = committed[goal]?.median;
    print(`${kind}: raw ÷ ours ${rangeText(ratio)}; committed: ${figure === undefined ? 'none' : digits(figure)}`);
    return figure !== undefined && ratio.max < farUnder * figure ? [kind] : [];
  });
}

async function run(): Promise<void> {
  const stage = await setUp();
  try {
    const entries = await entriesOf(stage);
    demandRefused(await tryGuards(await stage.kept(oursUnshared()), stage.upstream));
    print(`${Object.keys(guards).length} requests that must be refused were refused`);
    let slower: readonly string[] = [];
    for (let set = 1; set <= sets; set += 1) {
      const measured = await interleave(stage, entries, rounds, print);
      demandCalls(measured);
      slower = compareRatios(measured);
      if (slower.length === 0) return;
      const disturbed = `others took up to ${(worstDisturbance(measured) * 100).toFixed(0)}% of the core`;
      print(`${slower.join(', ')}: far under the committed figure; ${disturbed}, load ${loadavg()[0]?.toFixed(1)}`);
    }
    throw new Error(`${slower.join(', ')}: all windows under ${farUnder} of the committed figure`);
  } finally {
    await stage.close();
  }
}

await run().catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
});
