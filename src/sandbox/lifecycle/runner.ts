import { lifecycleOf, drawRunMs, roundsOf } from './lifecycle.ts';
import { execute as executeInstance } from './execute.ts';
import { roundAt } from '../model/rounds.ts';
import type { ExecutionResults } from '../model/execution.ts';
import type { Text } from '../model/text.ts';
import { blockerOf, timeoutText } from './blocker.ts';
import { isStoppable, isTerminal } from '../model/world.ts';
import type { Instance, InstanceType, Job, RunStatus, World } from '../model/world.ts';
import { stepAfter } from '../model/enums.ts';

const terminationMs = 3000;

/** Executed runs are shorter than seeded ones: somebody may be watching. */
const executedShare = 0.2;
/** Share of its duration after which a run fails. */
const failingShare = 0.1;

export interface StartOptions {
  readonly job: Job;
  readonly type: InstanceType;
  /** The agent that starts it. */
  readonly agentId: string;
  readonly executorName: string;
  readonly datasetIds?: readonly string[] | undefined;
  readonly isSinglePredict?: boolean | undefined;
  /** Parameters as JSON text. */
  readonly ext?: string | undefined;
  /** True to execute it; otherwise schedule and results are synthetic. */
  readonly isExecuted?: boolean;
}

/** Starts a run: NEW now, and it proceeds by itself. */
export function startRun(world: World, start: StartOptions): Instance {
  const { job, type, agentId, isExecuted = false } = start;
  const rounds = roundsOf(job, type);
  const datasetIds = start.datasetIds ?? job.datasetIds;
  const owners = datasetIds.map((id) => world.dataset(id)?.agentId).filter((id) => id !== undefined);
  const drawnMs = drawRunMs(world.random, type, rounds);
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
    runMs: isExecuted ? Math.ceil(drawnMs * executedShare) : drawnMs,
    finalStatus: 'SUCCEEDED',
    intercepted: false,
    agentId,
    partnerId: world.agent(agentId)?.partnerId ?? job.partnerId,
    executorName: start.executorName,
    agentIds: [...new Set([agentId, ...owners])],
    datasetIds,
    isSinglePredict: start.isSinglePredict,
    ext: start.ext ?? job.ext,
    jobSnapshot: isExecuted ? { ...job } : undefined,
    seededQuery: !isExecuted && job.type === 'SQL' ? job.seededQuery : undefined,
    results: undefined,
    failure: undefined,
  };
  world.addInstance(instance);
  scheduleNextStatus(world, instance);
  return instance;
}

/** Stops a run: TERMINATING now, TERMINATED soon. False when it is over. */
export function stopRun(world: World, instance: Instance): boolean {
  if (!isStoppable(instance)) return false;
  enterStatus(instance, 'TERMINATING', world.clock.now());
  scheduleNextStatus(world, instance);
  return true;
}

/** Schedules the next status of a run. */
export function scheduleNextStatus(world: World, instance: Instance): void {
  world.executions.abort(instance.id);
  if (instance.jobSnapshot !== undefined && instance.status === 'RUNNING') return execute(world, instance);
  const next = nextOf(instance);
  if (!next) return;
  const isStill = unchangedSince(instance);
  world.clock.at(next.atMs, () => {
    // Changed in between: whoever did that has scheduled the rest.
    if (!isStill()) return;
    enterStatus(instance, next.status, next.atMs);
    scheduleNextStatus(world, instance);
  });
}

/** Advances the clock, but holds it while runs execute, so the result does not depend on how long that takes. */
export async function advance(world: World, ms: number): Promise<void> {
  const { clock, executions } = world;
  if (!(ms >= 0)) throw new RangeError(`time only goes forward, not by ${ms}`);
  const targetMs = clock.now() + ms;
  await executions.settled();
  for (let nextMs = clock.nextAtMs; nextMs !== undefined && nextMs <= targetMs; nextMs = clock.nextAtMs) {
    clock.advance(Math.max(0, nextMs - clock.now()));
    await executions.settled();
  }
  clock.advance(Math.max(0, targetMs - clock.now()));
}

/** Puts a run into a status from any other, with consistent times and rounds. */
export function enterStatus(instance: Instance, status: RunStatus, atMs: number): void {
  if (status === 'SUCCEEDED' || status === 'FAILED') {
    instance.runningAtMs ??= Math.max(instance.startedAtMs, atMs - instance.runMs);
    if (status === 'FAILED') instance.rounds = Math.max(1, roundAt(instance, atMs));
    instance.finalStatus = status;
    instance.runMs = Math.max(1, atMs - instance.runningAtMs);
  } else if (status !== 'TERMINATING' && status !== 'TERMINATED') {
    instance.runningAtMs = status === 'RUNNING' ? atMs : undefined;
    instance.results = undefined;
    instance.failure = undefined;
  }
  instance.endedAtMs = isTerminal(status) ? atMs : undefined;
  instance.status = status;
  instance.statusSinceMs = atMs;
}

function unchangedSince(instance: Instance): () => boolean {
  const { status, statusSinceMs } = instance;
  return () => instance.status === status && instance.statusSinceMs === statusSinceMs;
}

/**
 * Executes a run that has entered RUNNING. It ends after its expected duration, or when the execution ends if that is
 * later.
 */
function execute(world: World, instance: Instance): void {
  const { clock, limits } = world;
  const isStill = unchangedSince(instance);
  const sinceMs = instance.statusSinceMs;
  const finishAt = (atMs: number, finish: () => void): void => {
    const finishIfStill = (): void => {
      if (isStill()) finish();
    };
    if (atMs <= clock.now()) finishIfStill();
    else clock.at(atMs, finishIfStill);
  };

  finishAt(sinceMs + limits.runTimeoutMs, () => fail(world, instance, { reason: timeoutText }));
  world.executions.start(instance.id, async (signal) => {
    const outcome = await resultsOrFailure(world, instance, signal);
    if (!isStill() || signal.aborted) return;
    if ('reason' in outcome) {
      finishAt(sinceMs + Math.ceil(instance.runMs * failingShare), () => fail(world, instance, outcome));
      return;
    }
    instance.results = outcome;
    finishAt(sinceMs + instance.runMs, () => {
      const reason = blockerOf(world, instance);
      if (reason) fail(world, instance, { reason });
      else succeed(world, instance);
    });
  });
}

interface Failure {
  readonly reason: Text;
  readonly intercepted?: boolean;
}

/** A rejected execution is a failed run. */
async function resultsOrFailure(
  world: World,
  instance: Instance,
  signal: AbortSignal,
): Promise<ExecutionResults | Failure> {
  const reason = blockerOf(world, instance);
  if (reason) return { reason };
  try {
    const execution = await executeInstance(world, instance, signal);
    if (execution.kind === 'succeeded') return execution.results;
    const { message, intercepted = false } = execution;
    return { reason: inBothLanguages(message), intercepted };
  } catch {
    // A bug of the embedded TICS, or a stopped run. Internal texts are not for users.
    return { reason: internalErrorText };
  }
}

const internalErrorText: Text = {
  'zh-cn': '作业执行失败，内部错误',
  en_us: 'The run failed: internal error',
};

function inBothLanguages(text: string): Text {
  return { 'zh-cn': text, en_us: text };
}

function succeed(world: World, instance: Instance): void {
  enterStatus(instance, 'SUCCEEDED', world.clock.now());
  const job = world.job(instance.jobId);
  if (job?.type === 'VFL') job.workStep = stepAfter[instance.type] ?? job.workStep;
}

function fail(world: World, instance: Instance, { reason, intercepted = false }: Failure): void {
  world.executions.abort(instance.id);
  instance.results = undefined;
  instance.failure = reason;
  instance.intercepted = intercepted;
  enterStatus(instance, 'FAILED', world.clock.now());
}

/** The next status and its time, relative to the current one. */
function nextOf(instance: Instance): { status: RunStatus; atMs: number } | undefined {
  const { status, statusSinceMs } = instance;
  if (status === 'TERMINATING') return { status: 'TERMINATED', atMs: statusSinceMs + terminationMs };
  const milestones = lifecycleOf(instance);
  const index = milestones.findIndex((milestone) => milestone.status === status);
  const [current, next] = milestones.slice(index, index + 2);
  if (index === -1 || !current || !next) return undefined;
  return { status: next.status, atMs: statusSinceMs + next.atMs - current.atMs };
}
