import { courseOf, drawRunMs, roundAt, roundsOf } from './course.ts';
import { isStoppable, isTerminal } from './state.ts';
import type { Instance, InstanceType, Job, RunStatus, World } from './state.ts';

const terminationMs = 3000;

/** What starting a run needs to be told; the rest follows from the job. */
export interface Start {
  readonly job: Job;
  readonly type: InstanceType;
  /** The agent it is started on. */
  readonly agentId: string;
  readonly executorName: string;
  readonly datasetIds?: readonly string[] | undefined;
  readonly isSinglePredict?: boolean | undefined;
  /** JSON text of the parameters. */
  readonly ext?: string | undefined;
  readonly outcome?: Instance['outcome'];
  readonly intercepted?: boolean;
}

/** Starts a run of a job: it is NEW now and goes on by itself. */
export function startRun(world: World, start: Start): Instance {
  const { job, type, agentId } = start;
  const rounds = roundsOf(job, type);
  const datasetIds = start.datasetIds ?? job.datasetIds;
  const owners = datasetIds.map((id) => world.dataset(id)?.agentId).filter((id) => id !== undefined);
  const intercepted = start.intercepted ?? false;
  const instance: Instance = {
    id: world.random.id(),
    leagueId: job.leagueId,
    jobId: job.id,
    jobName: job.name,
    type,
    status: 'NEW',
    statusSinceMs: world.clock.now(),
    startedAtMs: world.clock.now(),
    runningAtMs: undefined,
    endedAtMs: undefined,
    rounds,
    runMs: drawRunMs(world.random, type, rounds),
    outcome: intercepted ? 'FAILED' : (start.outcome ?? 'SUCCEEDED'),
    intercepted,
    agentId,
    partnerId: world.agent(agentId)?.partnerId ?? job.partnerId,
    executorName: start.executorName,
    agentIds: [...new Set([agentId, ...owners])],
    datasetIds,
    isSinglePredict: start.isSinglePredict,
    ext: start.ext ?? job.ext,
  };
  world.addInstance(instance);
  follow(world, instance);
  return instance;
}

/** Stops a run; it is TERMINATING at once and TERMINATED soon. False when it can no longer be stopped. */
export function stopRun(world: World, instance: Instance): boolean {
  if (!isStoppable(instance)) return false;
  enter(instance, 'TERMINATING', world.clock.now());
  follow(world, instance);
  return true;
}

/** Keeps a run moving from the state it is in, to its end. */
export function follow(world: World, instance: Instance): void {
  const next = nextOf(instance);
  if (!next) return;
  const { status: before, statusSinceMs: since } = instance;
  world.clock.at(next.atMs, () => {
    // Stopped or moved by hand in the meantime: whoever did that follows it from there.
    if (instance.status !== before || instance.statusSinceMs !== since) return;
    enter(instance, next.status, next.atMs);
    follow(world, instance);
  });
}

/**
 * Puts a run into a state, from whichever it was in, with all that goes with it: a run made to end early is over in the
 * round it had reached, one sent back has not run.
 */
export function enter(instance: Instance, status: RunStatus, atMs: number): void {
  if (status === 'SUCCEEDED' || status === 'FAILED') {
    instance.runningAtMs ??= Math.max(instance.startedAtMs, atMs - instance.runMs);
    if (status === 'FAILED') instance.rounds = Math.max(1, roundAt(instance, atMs));
    instance.outcome = status;
    instance.runMs = Math.max(1, atMs - instance.runningAtMs);
  } else if (status === 'RUNNING') {
    instance.runningAtMs = atMs;
  } else if (status !== 'TERMINATING' && status !== 'TERMINATED') {
    instance.runningAtMs = undefined;
  }
  instance.endedAtMs = isTerminal(status) ? atMs : undefined;
  instance.status = status;
  instance.statusSinceMs = atMs;
}

/** What a run enters next, and when: so long after it entered the state it is in. */
function nextOf(instance: Instance): { status: RunStatus; atMs: number } | undefined {
  const { status, statusSinceMs } = instance;
  if (status === 'TERMINATING') return { status: 'TERMINATED', atMs: statusSinceMs + terminationMs };
  const course = courseOf(instance);
  const index = course.findIndex((milestone) => milestone.status === status);
  const [current, next] = course.slice(index, index + 2);
  if (index === -1 || !current || !next) return undefined;
  return { status: next.status, atMs: statusSinceMs + next.atMs - current.atMs };
}
