import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { bundleFile } from '../../ops/build/script.ts';
import { freePort } from '../../ops/freePort.ts';
import { connectProfiler, sharesOf } from '../kit/profiler.ts';
import { asks } from '../kit/queries.ts';
import type { Section } from '../kit/section.ts';
import { demandRight, measureWindow } from '../kit/window.ts';
import { gatewaySubject } from '../subjects/own.ts';

const usualEntry = fileURLToPath(new URL('../../dist/main.js', import.meta.url));

const seconds = 8;

/** What is less is the rest. */
const leastShare = 0.01;

function percent(share: number | undefined): string {
  return share === undefined ? '' : `${(100 * share).toFixed(1)}%`;
}

/** Where the processor time of Q1 and Q2 goes, by what was at work. */
export const measureProfile: Section = async (stage, { entry = usualEntry, warmSeconds, print }) => {
  const shares: ReadonlyMap<string, number>[] = [];
  const kinds = ['q1', 'q2'] as const;
  for (const kind of kinds) {
    const inspectorPort = await freePort();
    const subject = gatewaySubject(
      'profiled',
      { sharing: 'off' },
      { entry, nodeOptions: [`--inspect=127.0.0.1:${inspectorPort}`] },
    );
    const running = await stage.start(subject);
    const question = await subject.question(asks[kind], stage.world);
    const profiler = await connectProfiler(inspectorPort);
    await measureWindow(stage, running, question, { connections: 32, seconds: warmSeconds });
    await profiler.start();
    const window = await measureWindow(stage, running, question, { connections: 32, seconds });
    shares.push(sharesOf(await profiler.stop(), join(dirname(entry), bundleFile)));
    demandRight(subject.name, window);
    print(`  ${kind}: ${window.good} answers`);
    profiler.close();
    await running.stop();
  }
  const groups = [...new Set(shares.flatMap((each) => [...each.keys()]))].filter((group) =>
    shares.some((each) => (each.get(group) ?? 0) >= leastShare),
  );
  const rest = shares.map((each) => 1 - groups.reduce((sum, group) => sum + (each.get(group) ?? 0), 0));
  return {
    goals: {},
    tables: [
      {
        caption: `What the gateway works on, by V8's profiler, ${seconds} s each`,
        head: ['at work', ...kinds.map((kind) => kind.toUpperCase())],
        rows: [
          ...groups.map((group) => [group, ...shares.map((each) => percent(each.get(group)))]),
          ['the rest', ...rest.map(percent)],
        ],
      },
    ],
  };
};
