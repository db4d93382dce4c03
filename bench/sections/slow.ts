import { figureOf, interleave } from '../kit/interleave.ts';
import { asks } from '../kit/queries.ts';
import type { Section } from '../kit/section.ts';
import { rangeOf, rangeText } from '../kit/statistics.ts';
import { oursUnshared, raw } from '../subjects/all.ts';

const delayMs = 50;

/** An upstream that takes its time: what counts is how many calls are under way at once. */
export const measureSlow: Section = async (stage, options) => {
  const upstream = await stage.slowUpstream(delayMs);
  const entries = await Promise.all(
    [oursUnshared(options.entry), raw].map(async (subject) => ({
      name: subject.name,
      running: await stage.start(subject, { upstream }),
      question: await subject.question(asks.q2, stage.world),
      upstream,
      connections: 32,
    })),
  );
  const measured = await interleave(stage, entries, options, options.print);
  await Promise.all(entries.map(({ running }) => running.stop()));
  const perSecond = (name: string) => (measured.get(name) ?? []).map(({ good, seconds }) => good / seconds);
  const [ours, byHand] = [perSecond('ours'), perSecond('raw')];
  return {
    goals: { slowUpstream: rangeOf(ours.map((value, round) => value / (byHand[round] ?? NaN))) },
    tables: [
      {
        caption: `Q2 at 32 connections, upstream answers after ${delayMs} ms`,
        head: ['subject', 'answers a second', 'p50 ms', 'p99 ms'],
        rows: ['ours', 'raw'].map((name) => [
          name,
          rangeText(rangeOf(perSecond(name))),
          rangeText(figureOf(measured, name, ({ p50Ms }) => p50Ms)),
          rangeText(figureOf(measured, name, ({ p99Ms }) => p99Ms)),
        ]),
      },
    ],
  };
};
