import type { Section } from '../kit/section.ts';
import { residentBytesOf } from '../kit/process.ts';
import { rangeOf, rangeText } from '../kit/statistics.ts';
import { oursUnshared } from '../subjects/all.ts';

const starts = 7;

/** Starts the gateway several times. */
export const measureStart: Section = async (stage, { entry }) => {
  const startMs: number[] = [];
  const memory: number[] = [];
  for (let turn = 0; turn < starts; turn += 1) {
    const running = await stage.start(oursUnshared(entry));
    startMs.push(running.startMs);
    memory.push(residentBytesOf(running.pid) / 1e6);
    await running.stop();
  }
  const goals = { startMs: rangeOf(startMs), startMemory: rangeOf(memory) };
  return {
    goals,
    tables: [
      {
        caption: `Start, ${starts} times`,
        head: ['from start to the first answer, ms', 'resident memory then, MB'],
        rows: [[rangeText(goals.startMs), rangeText(goals.startMemory)]],
      },
    ],
  };
};
