import { asks } from '../kit/queries.ts';
import { cpuRatio, figureOf, interleave, type Entry, type Measured } from '../kit/interleave.ts';
import type { Section, SectionOptions, Table } from '../kit/section.ts';
import type { Stage } from '../kit/stage.ts';
import { digits, rangeOf, rangeText } from '../kit/statistics.ts';
import type { Subject } from '../kit/subject.ts';
import { subjects } from '../subjects/all.ts';

const connections = 32;

/** Starts what can be started. What can't is named with the reason. */
async function startAll(
  stage: Stage,
  { subjects: chosen, entry, print }: SectionOptions,
  kind: keyof typeof asks,
): Promise<{ entries: readonly Entry[]; notes: readonly string[] }> {
  const entries: Entry[] = [];
  const notes: string[] = [];
  const start = async (subject: Subject): Promise<void> => {
    try {
      const running = await stage.kept(subject);
      const question = await subject.question(asks[kind], stage.world);
      entries.push({ name: subject.name, running, question, connections });
    } catch (error) {
      // What is compared with must be there; of the others it is said why they are missing.
      if (!subject.isPeer) throw error;
      notes.push(`${subject.name} can't be run here: ${error instanceof Error ? error.message : String(error)}`);
      print(`  ${notes.at(-1)}`);
    }
  };
  for (const subject of subjects(entry))
    if (chosen === undefined || chosen.includes(subject.name)) await start(subject);
  return { entries, notes };
}

function tableOf(caption: string, entries: readonly Entry[], measured: Measured): Table {
  const hasRaw = measured.has('raw');
  return {
    caption,
    head: [
      'subject',
      'CPU ms an answer',
      'raw ÷ it',
      'calls',
      'p50 ms',
      'p99 ms',
      'answers a second',
      'refused',
      'RSS MB',
    ],
    rows: entries.map(({ name }) => {
      const median = (read: Parameters<typeof figureOf>[2]) => digits(figureOf(measured, name, read).median);
      return [
        name,
        rangeText(figureOf(measured, name, ({ cpuMs }) => cpuMs)),
        hasRaw ? rangeText(cpuRatio(measured, 'raw', name)) : '',
        median(({ calls }) => calls),
        median(({ p50Ms }) => p50Ms),
        median(({ p99Ms }) => p99Ms),
        median(({ good, seconds }) => good / seconds),
        `${rangeOf((measured.get(name) ?? []).map(({ refused }) => refused)).max}`,
        median(({ residentBytes }) => residentBytes / 1e6),
      ];
    }),
  };
}

/** Q1: one list. */
export const measureQ1: Section = async (stage, options) => {
  const { entries, notes } = await startAll(stage, options, 'q1');
  const measured = await interleave(stage, entries, options, options.print);
  const isCompared = measured.has('ours') && measured.has('raw');
  return {
    goals: isCompared ? { q1Raw: cpuRatio(measured, 'raw', 'ours') } : {},
    tables: [tableOf('Q1 at 32 connections, nothing shared', entries, measured)],
    notes,
  };
};

/** Q2: twenty leagues with what is in them. */
export const measureQ2: Section = async (stage, options) => {
  const { entries, notes } = await startAll(stage, options, 'q2');
  const measured = await interleave(stage, entries, options, options.print);
  const ours = measured.has('ours') && {
    tail: figureOf(measured, 'ours', ({ p50Ms, p99Ms }) => p99Ms / p50Ms),
    busyMemory: figureOf(measured, 'ours', ({ residentBytes }) => residentBytes / 1e6),
  };
  return {
    goals: { ...ours, ...(ours && measured.has('raw') && { q2Raw: cpuRatio(measured, 'raw', 'ours') }) },
    tables: [tableOf('Q2 at 32 connections, nothing shared', entries, measured)],
    notes,
  };
};
