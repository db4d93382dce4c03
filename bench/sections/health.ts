import { setTimeout as sleep } from 'node:timers/promises';
import { Connection, requestBytes } from '../kit/connection.ts';
import { asks } from '../kit/queries.ts';
import type { Section } from '../kit/section.ts';
import { digits, percentile } from '../kit/statistics.ts';
import { demandRight, measureWindow } from '../kit/window.ts';
import { oursUnshared } from '../subjects/all.ts';

/** Callers that ask for Q2, each in a closed loop. */
const callers = [32, 128, 600];

const betweenProbesMs = 50;

/** Asks `/healthz` until it is stopped. */
function probe(port: number) {
  const latenciesMs: number[] = [];
  const request = requestBytes('GET', '/healthz');
  let isOver = false;
  const probing = (async () => {
    const connection = new Connection(port);
    while (!isOver) {
      const sentAt = performance.now();
      const answer = await connection.send(request);
      if (answer?.status === 200) latenciesMs.push(performance.now() - sentAt);
      await sleep(betweenProbesMs);
    }
    connection.close();
  })();
  return async (): Promise<readonly number[]> => {
    isOver = true;
    await probing;
    return latenciesMs;
  };
}

/** How soon `/healthz` is answered while many callers are. */
export const measureHealth: Section = async (stage, options) => {
  const subject = oursUnshared(options.entry);
  const question = await subject.question(asks.q2, stage.world);
  const running = await stage.start(subject);
  const rows: string[][] = [];
  let p95Ms = NaN;
  await measureWindow(stage, running, question, { connections: 8, seconds: options.warmSeconds });
  for (const connections of callers) {
    const stop = probe(running.port);
    const window = await measureWindow(stage, running, question, {
      connections,
      seconds: Math.max(options.seconds, 10),
      honorsRetryAfter: true,
    });
    const latenciesMs = [...(await stop())];
    demandRight(subject.name, window);
    p95Ms = percentile(latenciesMs, 0.95);
    const told = [0.5, 0.95, 1].map((share) => digits(percentile(latenciesMs, share)));
    rows.push([`${connections}`, `${latenciesMs.length}`, ...told, digits(window.good / window.seconds)]);
  }
  await running.stop();
  return {
    goals: { healthMs: { median: p95Ms, min: p95Ms, max: p95Ms } },
    tables: [
      {
        caption: '`/healthz` while callers ask for Q2 in closed loops',
        head: ['callers', 'probes', 'p50 ms', 'p95 ms', 'worst ms', 'Q2 a second'],
        rows,
      },
    ],
  };
};
