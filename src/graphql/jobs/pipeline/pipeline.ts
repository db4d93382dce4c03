import { readWindow } from '../../../tics/pages.ts';
import type { Context } from '../../context.ts';
import { GatewayError } from '../../../errors.ts';
import { wait } from '../../../time.ts';
import { forgetReads, type Outcome } from '../../shared/mutations.ts';
import { toUserError, type UserError } from '../../shared/userErrors.ts';
import type { Instance, InstanceStatus } from '../../../tics/instances/instance.ts';
import { isUnderWay } from '../../../tics/instances/states.ts';
import { isTerminal } from '../../../tics/instances/enums.ts';
import type { JobResult } from '../payloads.ts';

/** Steps of the pipeline, in their order. */
export const pipelineSteps = {
  ALIGNMENT: { type: 'VFL_SAMPLE_ALIGNMENT', field: 'alignment', does: 'The samples in common are found.' },
  FEATURE_SELECTION: {
    type: 'VFL_FEATURE_SELECTION',
    field: 'featureSelection',
    does: 'The information values of the features are calculated.',
  },
  TRAINING: { type: 'VFL_TRAIN', field: 'training', does: 'The model is trained.' },
} as const;

/** A step of the pipeline. */
export type PipelineStep = keyof typeof pipelineSteps;

const order: readonly PipelineStep[] = ['ALIGNMENT', 'FEATURE_SELECTION', 'TRAINING'];

function after(step: PipelineStep): PipelineStep | null {
  return order[order.indexOf(step) + 1] ?? null;
}

/** The run of one step. */
export interface StepRun extends JobResult {
  readonly step: PipelineStep;
  readonly instanceId: string;
  /** The last read status. */
  readonly status: InstanceStatus;
}

/** The result of a pipeline. */
export interface PipelineResult extends JobResult {
  readonly steps: readonly StepRun[];
  readonly nextStep: PipelineStep | null;
  readonly failedStep: PipelineStep;
}

/** Options of a pipeline. */
export interface PipelineRequest {
  readonly job: JobResult;
  /** The agent that receives all calls. */
  readonly agentId: string;
  readonly from: PipelineStep;
  /** Longest wait for all runs together. */
  readonly waitMs: number;
  /** Starts a step. Resolves to its instance. */
  readonly start: Readonly<Record<PipelineStep, () => Promise<string>>>;
}

/** Polls of a run: the first at once, then at growing intervals. */
const firstPauseMs = 500;
const pauseGrowth = 1.5;
const maxPauseMs = 5000;

/** The job's runs of the pipeline's steps, newest first. */
async function readRuns({ leagueId, jobId }: JobResult, { loaders }: Context): Promise<readonly Instance[]> {
  const types = order.map((step) => pipelineSteps[step].type);
  const read = loaders.instances.ofJob({ leagueId, jobId, filter: { types } });
  const { rows } = await readWindow(read, 0, Number.MAX_SAFE_INTEGER);
  // The order of lists is not documented. A run that has not started yet is newer than all that have.
  const startOf = ({ run }: Instance): string => run?.startedAt ?? '9999';
  return [...rows].sort((one, other) => startOf(other).localeCompare(startOf(one)));
}

function latestOf(runs: readonly Instance[], step: PipelineStep): Instance | undefined {
  return runs.find(({ type }) => type.value === pipelineSteps[step].type);
}

function refused(message: string): UserError {
  return toUserError(new GatewayError('WRONG_STATE', message), ['from']);
}

/** The state of a run at the end of the wait. */
interface Watched {
  readonly status: InstanceStatus;
  /** The failure of the last poll. */
  readonly failure?: GatewayError;
}

/** Polls a run until it has ended or the time is over. Failed polls are repeated. */
async function watch(ask: () => Promise<InstanceStatus>, { clock }: Context, untilMs: number): Promise<Watched> {
  let watched: Watched = { status: { value: 'UNKNOWN', text: null } };
  for (let pauseMs = firstPauseMs; ; pauseMs = Math.min(pauseMs * pauseGrowth, maxPauseMs)) {
    try {
      watched = { status: await ask() };
    } catch (error) {
      if (!(error instanceof GatewayError)) throw error;
      watched = { status: watched.status, failure: error };
    }
    const leftMs = untilMs - clock.nowMs();
    if (isTerminal(watched.status) || leftMs <= 0) return watched;
    await wait(clock, Math.min(pauseMs, leftMs));
  }
}

/**
 * Takes the steps from `from` on, each once the one before has succeeded; the one before the first was started by an earlier call.
 * A run that is under way is awaited, not started again, so an interrupted caller can repeat the mutation.
 */
export async function runPipeline(
  { job, agentId, from, waitMs, start }: PipelineRequest,
  context: Context,
): Promise<Outcome<PipelineResult>> {
  const untilMs = context.clock.nowMs() + waitMs;
  const known = await readRuns(job, context);
  const steps: StepRun[] = [];
  const stopAt = (nextStep: PipelineStep | null, userErrors: readonly UserError[], failedStep?: PipelineStep) => ({
    ...job,
    steps,
    nextStep,
    ...(failedStep && { failedStep }),
    userErrors,
  });

  const ahead = order.slice(order.indexOf(from) + 1).find((step) => {
    const run = latestOf(known, step);
    return run !== undefined && isUnderWay(run);
  });
  if (ahead !== undefined) return stopAt(ahead, [refused(`${ahead} is under way already: go on from there.`)]);
  const before = order[order.indexOf(from) - 1];
  if (before !== undefined && latestOf(known, before) === undefined)
    return stopAt(before, [refused(`${before} was not run yet: begin there.`)]);

  const begin = async (step: PipelineStep): Promise<string> => {
    const run = latestOf(known, step);
    const isBegun = step === before || (step === from && run !== undefined && isUnderWay(run));
    return run !== undefined && isBegun ? run.ticsId : start[step]();
  };

  /** The run of a start with an unknown outcome: the one that did not exist before. */
  const findBegun = async (step: PipelineStep): Promise<Instance | undefined> => {
    forgetReads(context);
    const ids = new Set(known.map(({ ticsId }) => ticsId));
    const runs = await readRuns(job, context).catch(() => []);
    return latestOf(
      runs.filter(({ ticsId }) => !ids.has(ticsId)),
      step,
    );
  };

  for (const step of before === undefined ? order : order.slice(order.indexOf(before))) {
    let instanceId: string;
    try {
      instanceId = await begin(step);
    } catch (error) {
      const userErrors = [toUserError(error, [pipelineSteps[step].field])];
      const begun = userErrors[0]?.code === 'OUTCOME_UNKNOWN' ? await findBegun(step) : undefined;
      if (begun?.run) steps.push({ ...job, step, instanceId: begun.ticsId, status: begun.run.status });
      return stopAt(begun ? after(step) : step, userErrors, step);
    }
    const ask = () => context.loaders.learningWrites.statusNow({ leagueId: job.leagueId, instanceId, agentId });
    const { status, failure } = await watch(ask, context, untilMs);
    steps.push({ ...job, step, instanceId, status });
    if (!isTerminal(status)) return stopAt(after(step), failure ? [toUserError(failure)] : []);
    if (status.value !== 'SUCCEEDED') {
      const message = `${step} has ended ${status.value}: read the error of its instance, and go on from there.`;
      return stopAt(step, [toUserError(new GatewayError('STEP_FAILED', message), [pipelineSteps[step].field])], step);
    }
  }
  return stopAt(null, []);
}
