import type { World } from './fixtures.ts';
import type { LoadTask } from './loadTask.ts';
import type { Running } from './process.ts';
import type { Ask } from './queries.ts';
import type { StaticUpstream } from './upstream.ts';

/** Where a subject is started. */
export interface Surroundings {
  readonly upstream: StaticUpstream;
  readonly world: World;
  /** For its files. */
  readonly directory: string;
}

/** How one question is put to a subject, and what it must answer. */
export type Question = Pick<LoadTask, 'method' | 'path' | 'body' | 'reference'>;

/** A process that is measured. */
export interface Subject {
  readonly name: string;
  /** One of the peers, which have packages of their own. */
  readonly isPeer?: boolean;
  /** Starts it and waits for its first right answer to Q1. @throws Error that says why it can't be run here */
  readonly start: (surroundings: Surroundings) => Promise<RunningSubject>;
  /** How it is asked. */
  readonly question: (ask: Ask, world: World) => Promise<Question>;
}

/** A subject that runs. */
export interface RunningSubject extends Running {
  /** From the start of the process to its first answer. */
  readonly startMs: number;
  /** What each request carries. */
  readonly headers?: Readonly<Record<string, string>>;
  /** Of its configuration, where it is not as it should be. */
  readonly note?: string;
}
