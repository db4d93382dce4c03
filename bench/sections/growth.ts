import { cpuRatio, figureOf, interleave, type Entry } from '../kit/interleave.ts';
import { asks, callsOf, type Ask } from '../kit/queries.ts';
import type { Section, SectionOptions } from '../kit/section.ts';
import type { World } from '../kit/fixtures.ts';
import type { Stage } from '../kit/stage.ts';
import { digits, rangeText } from '../kit/statistics.ts';
import { oursUnshared, raw } from '../subjects/all.ts';

/** Measures the gateway against `raw` in one tenant. */
async function compare(
  stage: Stage,
  options: SectionOptions,
  { ask, world, connections }: { ask: Ask; world?: World; connections: number },
) {
  const entries = await Promise.all(
    [oursUnshared(options.entry), raw].map(async (subject): Promise<Entry> => ({
      name: subject.name,
      running: await (world === undefined ? stage.kept(subject) : stage.start(subject, { world })),
      question: await subject.question(ask, world ?? stage.world),
      connections,
    })),
  );
  const measured = await interleave(stage, entries, options, options.print);
  if (world !== undefined) await Promise.all(entries.map(({ running }) => running.stop()));
  const cpuOf = (name: string): string => rangeText(figureOf(measured, name, ({ cpuMs }) => cpuMs));
  return { measured, ratio: cpuRatio(measured, 'ours', 'raw'), ours: cpuOf('ours'), raw: cpuOf('raw') };
}

/** More leagues in one answer: two more calls each. */
export const measureLeagues: Section = async (stage, options) => {
  const rows: string[][] = [];
  for (const [index, leagues] of [1, 5, 20, 100].entries()) {
    const world = await stage.record({ seed: 10 + index, leagues });
    const ask: Ask = { kind: 'overview', leagues };
    const { ours, raw: byHand, ratio } = await compare(stage, options, { ask, world, connections: 8 });
    rows.push([`${leagues}`, `${callsOf(ask)}`, ours, byHand, rangeText(ratio)]);
  }
  return {
    goals: {},
    tables: [
      {
        caption: 'Growth by leagues, 8 connections',
        head: ['leagues', 'calls', 'ours, CPU ms', 'raw, CPU ms', 'ours ÷ raw'],
        rows,
      },
    ],
  };
};

/** More rows of one list: a call for each hundred. */
export const measureRows: Section = async (stage, options) => {
  const world = await stage.record({ seed: 20, leagues: 1, rows: 10_000 });
  const rows: string[][] = [];
  let last;
  for (const count of [10, 100, 1_000, 10_000]) {
    const ask: Ask = { kind: 'rows', rows: count };
    const found = await compare(stage, options, { ask, world, connections: 8 });
    rows.push([`${count}`, `${callsOf(ask)}`, found.ours, found.raw, rangeText(found.ratio)]);
    last = found.ratio;
  }
  return {
    goals: last === undefined ? {} : { rowsRaw: last },
    tables: [
      {
        caption: 'Growth by rows of one list, 8 connections',
        head: ['rows', 'calls', 'ours, CPU ms', 'raw, CPU ms', 'ours ÷ raw'],
        rows,
      },
    ],
  };
};

/** More connections that ask for Q2. */
export const measureConnections: Section = async (stage, options) => {
  const rows: string[][] = [];
  const answersASecond = new Map<number, number[]>();
  for (const connections of [1, 8, 32, 128, 512]) {
    const { measured, ours, raw: byHand } = await compare(stage, options, { ask: asks.q2, connections });
    const windows = measured.get('ours') ?? [];
    answersASecond.set(
      connections,
      windows.map(({ good, seconds }) => good / seconds),
    );
    const ofRaw = figureOf(measured, 'raw', ({ good, seconds }) => good / seconds);
    rows.push([
      `${connections}`,
      rangeText(figureOf(measured, 'ours', ({ good, seconds }) => good / seconds)),
      digits(ofRaw.median),
      ours,
      byHand,
      digits(figureOf(measured, 'ours', ({ p99Ms }) => p99Ms).median),
      `${windows.reduce((sum, { refused }) => sum + refused, 0)}`,
      `${windows.reduce((sum, { late }) => sum + late, 0)}`,
    ]);
  }
  const [few = [], many = []] = [answersASecond.get(8), answersASecond.get(512)];
  const ratios = many.map((value, round) => value / (few[round] ?? NaN)).sort((one, other) => one - other);
  const median = ratios[Math.floor((ratios.length - 1) / 2)] ?? NaN;
  return {
    goals: { connections: { median, min: ratios[0] ?? NaN, max: ratios.at(-1) ?? NaN } },
    tables: [
      {
        caption: 'Q2 by connections',
        head: [
          'connections',
          'ours, answers a second',
          'raw',
          'ours, CPU ms',
          'raw, CPU ms',
          'ours, p99 ms',
          'refused',
          'late',
        ],
        rows,
      },
    ],
  };
};
