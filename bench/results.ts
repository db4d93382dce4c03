import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { cpus, loadavg } from 'node:os';
import { fileURLToPath } from 'node:url';
import { format, resolveConfig } from 'prettier';
import type { Findings } from './kit/section.ts';

/** In which circumstances a section was measured. */
export interface Run {
  readonly commit: string;
  readonly date: string;
  readonly node: string;
  readonly processor: string;
  readonly windows: number;
  readonly seconds: number;
  /** Processes that wanted to run, on average of the last minute. */
  readonly load: number;
}

/** What was measured last, by section. */
export type Results = Readonly<Record<string, Findings & { readonly run: Run }>>;

const file = fileURLToPath(new URL('./results.json', import.meta.url));

/** Reads the committed figures; none before the first run. */
export function readResults(): Results {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as Results;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return {};
    throw error;
  }
}

/** Writes a file as the formatter would have it. */
export async function writeFormatted(path: string, text: string): Promise<void> {
  writeFileSync(path, await format(text, { ...(await resolveConfig(path)), filepath: path }));
}

/** Writes the figures, those of sections that were not measured anew as they were. */
export async function writeResults(figures: Results): Promise<void> {
  // Digits beyond the fourth tell nothing, and would change in every run.
  const text = JSON.stringify(figures, (_, value: unknown) =>
    typeof value === 'number' ? Number(value.toPrecision(4)) : value,
  );
  await writeFormatted(file, text);
}

/** The circumstances of now. */
export function currentRun({ windows, seconds }: Pick<Run, 'windows' | 'seconds'>): Run {
  const git = (...args: readonly string[]): string => execFileSync('git', args, { encoding: 'utf8' }).trim();
  const isChanged = git('status', '--porcelain', 'src', 'package-lock.json') !== '';
  return {
    commit: `${git('rev-parse', '--short', 'HEAD')}${isChanged ? ' with changes' : ''}`,
    date: new Date().toISOString().slice(0, 16).replace('T', ' '),
    node: process.version,
    processor: `${cpus().length} × ${cpus()[0]?.model ?? 'unknown'}`,
    windows,
    seconds,
    load: loadavg()[0] ?? NaN,
  };
}
