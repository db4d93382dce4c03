import { cpuRatio, figureOf, interleave } from '../kit/interleave.ts';
import { asks } from '../kit/queries.ts';
import type { Section, Table } from '../kit/section.ts';
import type { Stage } from '../kit/stage.ts';
import { digits, rangeText } from '../kit/statistics.ts';
import type { Subject } from '../kit/subject.ts';
import { oursCached, oursShared, oursUnshared, raw, rawCached } from '../subjects/all.ts';
import { constantSubject } from '../subjects/own.ts';

async function measure(stage: Stage, chosen: readonly Subject[], options: Parameters<Section>[1]) {
  const entries = await Promise.all(
    chosen.map(async (subject) => ({
      name: subject.name,
      running: await stage.kept(subject),
      question: await subject.question(asks.q2, stage.world),
      connections: 32,
    })),
  );
  return interleave(stage, entries, options, options.print);
}

function tableOf(caption: string, chosen: readonly Subject[], measured: Awaited<ReturnType<typeof measure>>): Table {
  return {
    caption,
    head: ['subject', 'CPU ms an answer', 'calls an answer', 'p99 ms'],
    rows: chosen.map(({ name }) => [
      name,
      rangeText(figureOf(measured, name, ({ cpuMs }) => cpuMs)),
      rangeText(figureOf(measured, name, ({ calls }) => calls)),
      digits(figureOf(measured, name, ({ p99Ms }) => p99Ms).median),
    ]),
  };
}

/** 32 identical Q2 in flight, with what the gateway shares unless it is told otherwise. */
export const measureShared: Section = async (stage, options) => {
  const ours = oursShared(options.entry);
  const chosen = [ours, constantSubject];
  const measured = await measure(stage, chosen, options);
  return {
    goals: {
      sharedConstant: cpuRatio(measured, constantSubject.name, ours.name),
      sharedCalls: figureOf(measured, ours.name, ({ calls }) => calls),
    },
    tables: [tableOf('32 identical Q2 in flight', chosen, measured)],
  };
};

/** Q3: Q2 while all of it is fresh in a cache. */
export const measureQ3: Section = async (stage, options) => {
  const ours = oursCached(options.entry);
  const chosen = [ours, rawCached, constantSubject];
  const measured = await measure(stage, chosen, options);
  return {
    goals: {
      q3Constant: cpuRatio(measured, constantSubject.name, ours.name),
      q3Raw: cpuRatio(measured, rawCached.name, ours.name),
    },
    tables: [tableOf('Q3: Q2 out of the cache, at 32 connections', chosen, measured)],
  };
};

/** Q2 where rows of datasets have no columns: there is less to parse, so that what the gateway itself does weighs more. */
export const measureNarrow: Section = async (stage, options) => {
  const world = await stage.record({ seed: 2, leagues: 20, isNarrow: true });
  const chosen = [oursUnshared(options.entry), raw];
  const entries = await Promise.all(
    chosen.map(async (subject) => ({
      name: subject.name,
      running: await stage.start(subject, { world }),
      question: await subject.question(asks.q2, world),
      connections: 32,
    })),
  );
  const measured = await interleave(stage, entries, options, options.print);
  await Promise.all(entries.map(({ running }) => running.stop()));
  return {
    goals: { q2NarrowRaw: cpuRatio(measured, 'raw', 'ours') },
    tables: [tableOf('Q2 with rows of datasets that have no columns', chosen, measured)],
  };
};
