import { asks, callsOf } from '../kit/queries.ts';
import { paths } from '../kit/answer.ts';
import type { Section } from '../kit/section.ts';
import { digits } from '../kit/statistics.ts';
import { demandRight, measureWindow } from '../kit/window.ts';
import { raw } from '../subjects/all.ts';

/** Above this share of what it can do, upstream might hold subjects back. */
const bottleneckShare = 0.7;

/** How much the static upstream can do by itself, and how much of that the fastest subject asks of it. */
export const measureUpstream: Section = async (stage, { seconds, warmSeconds }) => {
  const { load, upstream, world } = stage;
  const { leagues } = (await world.reference(asks.q2)) as { leagues: { nodes: readonly { id: string }[] } };
  const ids = leagues.nodes.map(({ id }) => id.slice('League:'.length));
  const path = [
    paths.leagues(20),
    paths.agents(),
    ...ids.flatMap((id) => [paths.datasets(id), paths.instances(id, 0, 10)]),
  ].map((below) => `/v1/${world.projectId}${below}`);
  const alone = await load.run({ port: upstream.port, method: 'GET', path, connections: 64, seconds });
  demandRight(upstream.kind, alone);
  const running = await stage.kept(raw);
  const question = await raw.question(asks.q2, world);
  await measureWindow(stage, running, question, { connections: 32, seconds: warmSeconds });
  const window = await measureWindow(stage, running, question, { connections: 32, seconds });
  const capacity = alone.good / alone.seconds;
  const needed = (window.good / window.seconds) * callsOf(asks.q2);
  const share = needed / capacity;
  const verdict = share < bottleneckShare ? 'is not the bottleneck' : 'MAY BE THE BOTTLENECK';
  return {
    goals: {},
    tables: [
      {
        caption: `Upstream: ${upstream.kind}, serving the calls of Q2`,
        head: ['what', 'calls a second'],
        rows: [
          ['asked by the load alone, on the same core', digits(capacity)],
          ['what raw asks for at 32 connections of Q2', digits(needed)],
        ],
      },
    ],
    notes: [`raw uses ${(share * 100).toFixed(0)}% of what upstream can serve: upstream ${verdict}.`],
  };
};
