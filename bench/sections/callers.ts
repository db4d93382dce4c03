import { cpuRatio, figureOf, interleave } from '../kit/interleave.ts';
import { asks } from '../kit/queries.ts';
import type { Section } from '../kit/section.ts';
import { rangeText } from '../kit/statistics.ts';
import { oursUnshared } from '../subjects/all.ts';
import { identifiedSubject } from '../subjects/own.ts';

/** What it costs to know who asks: an API key and a budget, compared with anonymous callers. */
export const measureCallers: Section = async (stage, options) => {
  const subjects = [oursUnshared(options.entry), identifiedSubject(options.entry)];
  const rows: string[][] = [];
  const ratios = new Map<'q1' | 'q2', ReturnType<typeof cpuRatio>>();
  for (const kind of ['q1', 'q2'] as const) {
    const entries = await Promise.all(
      subjects.map(async (subject) => ({
        name: subject.name,
        running: await stage.kept(subject),
        question: await subject.question(asks[kind], stage.world),
        connections: 32,
      })),
    );
    const measured = await interleave(stage, entries, options, options.print);
    const ratio = cpuRatio(measured, 'ours', 'ours, with a key');
    ratios.set(kind, ratio);
    rows.push([
      kind.toUpperCase(),
      ...subjects.map(({ name }) => rangeText(figureOf(measured, name, ({ cpuMs }) => cpuMs))),
      rangeText(ratio),
    ]);
  }
  const [q1, q2] = [ratios.get('q1'), ratios.get('q2')];
  return {
    goals: { ...(q1 && { identifiedQ1: q1 }), ...(q2 && { identifiedQ2: q2 }) },
    tables: [
      {
        caption: 'Callers with an API key and a budget, CPU ms an answer at 32 connections',
        head: ['query', 'anonymous', 'with a key', 'anonymous ÷ with a key'],
        rows,
      },
    ],
  };
};
