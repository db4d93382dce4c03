import { disturbanceText, isDisturbed } from './disturbance.ts';
import { rangeOf, type Range } from './statistics.ts';
import type { Stage } from './stage.ts';
import type { Question, RunningSubject } from './subject.ts';
import { demandRight, measureWindow, type Window, type WindowOptions } from './window.ts';

/** Something that is measured over and over. */
export interface Entry extends Pick<WindowOptions, 'upstream'> {
  readonly name: string;
  readonly running: RunningSubject;
  readonly question: Question;
  readonly connections: number;
}

/** How long, and how often. */
export interface Rounds {
  readonly windows: number;
  readonly seconds: number;
  readonly warmSeconds: number;
}

/** Windows of each entry by its name, in the order of the rounds: the same index is the same round. */
export type Measured = ReadonlyMap<string, readonly Window[]>;

/** How often a disturbed window is measured again; the least disturbed one counts. */
const repeats = 1;

async function measureQuietly(
  stage: Stage,
  entry: Entry,
  seconds: number,
  print: (line: string) => void,
): Promise<Window> {
  let best: Window | undefined;
  for (let attempt = 0; attempt <= repeats; attempt += 1) {
    const window = await measureWindow(stage, entry.running, entry.question, { ...entry, seconds });
    if (window.late > 0) print(`  slow: ${entry.name}: ${window.late} operations were not executed in their time`);
    demandRight(entry.name, window);
    const { foreign, steal } = window.disturbance;
    if (best === undefined || foreign + steal < best.disturbance.foreign + best.disturbance.steal) best = window;
    if (!isDisturbed(window.disturbance)) break;
    print(`  disturbed: ${entry.name}: ${disturbanceText(window.disturbance)}${attempt < repeats ? '; again' : ''}`);
  }
  return best as Window;
}

/** Warming ends when a second of it is no cheaper than the one before, but for so much. */
const noCheaper = 0.95;

/** At most so many times as long as it was asked for. */
const longestWarming = 4;

/**
 * Asks until V8 has compiled what is hot: until the answers of a second cost as much as those of the second before. A fixed time
 * would measure slow subjects, and slow machines, before they are warm.
 */
async function warm(stage: Stage, entry: Entry, atLeastSeconds: number): Promise<void> {
  let lastCpuMs = Infinity;
  for (let second = 1; second <= atLeastSeconds * longestWarming; second += 1) {
    const { cpuMs } = await measureWindow(stage, entry.running, entry.question, { ...entry, seconds: 1 });
    if (second >= atLeastSeconds && cpuMs > noCheaper * lastCpuMs) return;
    lastCpuMs = cpuMs;
  }
}

/**
 * Warms all entries, then measures them in turn, round after round, so that what disturbs the machine for a while disturbs
 * them alike. Each round begins with another entry.
 *
 * @throws Error when an answer differs from the reference
 */
export async function interleave(
  stage: Stage,
  entries: readonly Entry[],
  { windows, seconds, warmSeconds }: Rounds,
  print: (line: string) => void,
): Promise<Measured> {
  const measured = new Map<string, Window[]>(entries.map(({ name }) => [name, []]));
  for (const entry of entries) await warm(stage, entry, warmSeconds);
  for (let round = 0; round < windows; round += 1)
    for (let turn = 0; turn < entries.length; turn += 1) {
      const entry = entries[(turn + round) % entries.length];
      if (entry !== undefined) measured.get(entry.name)?.push(await measureQuietly(stage, entry, seconds, print));
    }
  return measured;
}

/** A figure of all windows of an entry. */
export function figureOf(measured: Measured, name: string, read: (window: Window) => number): Range {
  return rangeOf((measured.get(name) ?? []).map(read));
}

/** Processor time a good answer of one entry, divided by that of another, round by round. */
export function cpuRatio(measured: Measured, dividend: string, divisor: string): Range {
  const [above = [], below = []] = [measured.get(dividend), measured.get(divisor)];
  return rangeOf(above.map(({ cpuMs }, round) => cpuMs / (below[round]?.cpuMs ?? NaN)));
}
