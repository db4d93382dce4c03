import type { GoalName } from '../goals.ts';
import type { Measured, Rounds } from './interleave.ts';
import type { Stage } from './stage.ts';
import type { Range } from './statistics.ts';

/** A table of the report, as text. */
export interface Table {
  readonly caption: string;
  readonly head: readonly string[];
  readonly rows: readonly (readonly string[])[];
}

/** What a section has found out. */
export interface Findings {
  readonly goals: Readonly<Partial<Record<GoalName, Range>>>;
  readonly tables: readonly Table[];
  readonly notes?: readonly string[];
}

/** What a section is measured with. */
export interface SectionOptions extends Rounds {
  /** Names of subjects; all where it is undefined. */
  readonly subjects?: readonly string[] | undefined;
  /** Of the gateway's build. */
  readonly entry?: string | undefined;
  readonly print: (line: string) => void;
}

/** A part of the bench that can be measured alone. */
export type Section = (stage: Stage, options: SectionOptions) => Promise<Findings>;

/** The greatest share of the subject's core that others had in a window. */
export function worstDisturbance(measured: Measured): number {
  return Math.max(0, ...[...measured.values()].flat().map(({ disturbance: { foreign, steal } }) => foreign + steal));
}
