import type { Section } from '../kit/section.ts';
import { measureQ1, measureQ2 } from './answers.ts';
import { measureCallers } from './callers.ts';
import { measureHealth } from './health.ts';
import { measureConnections, measureLeagues, measureRows } from './growth.ts';
import { measureBurst } from './overload.ts';
import { measureNarrow, measureQ3, measureShared } from './shared.ts';
import { measureRefusals } from './refusals.ts';
import { measureProfile } from './profile.ts';
import { measureSlow } from './slow.ts';
import { measureStart } from './start.ts';
import { measureUpstream } from './upstream.ts';

/** The parts of the bench by their names, in the order in which they are measured. */
export const sections: Readonly<Record<string, Section>> = {
  upstream: measureUpstream,
  start: measureStart,
  q1: measureQ1,
  q2: measureQ2,
  callers: measureCallers,
  narrow: measureNarrow,
  shared: measureShared,
  q3: measureQ3,
  leagues: measureLeagues,
  rows: measureRows,
  connections: measureConnections,
  burst: measureBurst,
  health: measureHealth,
  refusals: measureRefusals,
  slow: measureSlow,
  profile: measureProfile,
};
