import { asks } from '../kit/queries.ts';
import type { Section } from '../kit/section.ts';
import { digits } from '../kit/statistics.ts';
import { demandRight, measureWindow, type Window } from '../kit/window.ts';
import { oursUnshared } from '../subjects/all.ts';

/** Users that ask in turn: the load after a burst is to be served like the same load before it. */
const users = [32, 128, 32, 512, 32];

function refusedPercent({ refused, good }: Window): number {
  return (100 * refused) / (refused + good);
}

/** Closed loops of so many users one after the other, without a pause; refused users ask again at once, then as told. */
export const measureBurst: Section = async (stage, options) => {
  const subject = oursUnshared(options.entry);
  const question = await subject.question(asks.q2, stage.world);
  const rows: string[][] = [];
  const first: Window[] = [];
  for (const honorsRetryAfter of [false, true]) {
    const running = await stage.start(subject);
    await measureWindow(stage, running, question, { connections: 8, seconds: options.warmSeconds });
    for (const [index, connections] of users.entries()) {
      // Long enough for a window of lag to fill and to empty.
      const seconds = Math.max(options.seconds, 5);
      const window = await measureWindow(stage, running, question, { connections, seconds, honorsRetryAfter });
      demandRight(subject.name, window);
      if (!honorsRetryAfter) first[index] = window;
      rows.push([
        honorsRetryAfter ? 'wait for Retry-After' : 'ask again at once',
        `${connections}`,
        `${window.good}`,
        `${window.refused}`,
        `${window.late}`,
        digits(window.good / window.seconds),
        digits(window.p50Ms),
        digits(window.p99Ms),
      ]);
    }
    await running.stop();
  }
  const [, crowd, , , after] = first.map(refusedPercent);
  const single = (value: number) => ({ median: value, min: value, max: value });
  return {
    goals: { crowdRefused: single(crowd ?? NaN), burstRefused: single(after ?? NaN) },
    tables: [
      {
        caption: 'Q2 by users in turn, one closed loop after the other',
        head: ['refused users', 'users', 'served', 'refused', 'late', 'served a second', 'p50 ms', 'p99 ms'],
        rows,
      },
    ],
  };
};
