import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { recordWorld, type World, type WorldSize } from './fixtures.ts';
import { startLoad, type Load } from './load.ts';
import type { RunningSubject, Subject } from './subject.ts';
import { startUpstream, type StaticUpstream } from './upstream.ts';

/** Recorded answers, the upstream that serves them, and the load. */
export interface Stage {
  readonly upstream: StaticUpstream;
  readonly load: Load;
  /** The tenant of Q1 and Q2. */
  readonly world: World;
  /** Records one more tenant, which the same upstream serves. */
  readonly record: (size: WorldSize) => Promise<World>;
  /** Another upstream with the same answers, each after a while. */
  readonly slowUpstream: (delayMs: number) => Promise<StaticUpstream>;
  /** Starts a subject, before the usual upstream for the usual tenant unless others are given. */
  readonly start: (subject: Subject, before?: { world?: World; upstream?: StaticUpstream }) => Promise<RunningSubject>;
  /** A subject that is started when it is asked for first, and kept. @throws whatever starting it threw, each time */
  readonly kept: (subject: Subject) => Promise<RunningSubject>;
  readonly close: () => Promise<void>;
}

const usualWorld: WorldSize = { seed: 1, leagues: 20 };

/** Records the answers, and starts upstream and load. */
export async function setUp(): Promise<Stage> {
  const directory = await mkdtemp(join(tmpdir(), 'gateway-bench-'));
  const root = join(directory, 'answers');
  const files = join(directory, 'subjects');
  await Promise.all([mkdir(root), mkdir(files)]);
  const { world: usual, signIn } = await recordWorld(root, usualWorld);
  const upstream = await startUpstream({ root, directory: join(directory, 'upstream'), signIn });
  const load = await startLoad();
  const others: StaticUpstream[] = [];
  const running: RunningSubject[] = [];
  const kept = new Map<string, Promise<RunningSubject>>();

  const start: Stage['start'] = async (subject, { world = usual, upstream: to = upstream } = {}) => {
    const started = await subject.start({ upstream: to, world, directory: files });
    running.push(started);
    return started;
  };

  return {
    upstream,
    load,
    world: usual,
    start,
    record: async (size) => (await recordWorld(root, size)).world,
    slowUpstream: async (delayMs) => {
      const slow = await startUpstream({ root, directory: join(directory, `upstream-${delayMs}`), signIn, delayMs });
      others.push(slow);
      return slow;
    },
    kept: (subject) => {
      const known = kept.get(subject.name) ?? start(subject);
      kept.set(subject.name, known);
      return known;
    },
    close: async () => {
      load.close();
      await Promise.all([
        ...running.map(({ stop }) => stop()),
        upstream.close(),
        ...others.map(({ close }) => close()),
      ]);
      await rm(directory, { recursive: true, force: true });
    },
  };
}
