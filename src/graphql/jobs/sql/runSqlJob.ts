import { randomBytes } from 'node:crypto';
import type { Context } from '../../context.ts';
import { GatewayError } from '../../../errors.ts';
import { closedEnum } from '../../shared/enums.ts';
import { parseId } from '../../shared/ids.ts';
import type { Given } from '../../shared/input.ts';
import { forgetReads, isUncertain, mutation, type Outcome } from '../../shared/mutations.ts';
import { instanceById } from '../../instances/calls.ts';
import { sqlJobOfPayload } from '../calls.ts';
import { toUserError } from '../../shared/userErrors.ts';
import { Instance } from '../../instances/type.ts';
import {
  agentTicsId,
  instanceIdField,
  instanceOf,
  jobIdField,
  jobOf,
  type MadeJobResult,
  type JobResult,
  type RunResult,
} from '../payloads.ts';
import { RunSqlJobInput } from './inputs.ts';
import { findNewSqlJob, findRunUnderWay } from '../reconcile.ts';
import { SqlJob } from './type.ts';

/** A unique name: `query 2026-01-31 080000 3f9a2c`. */
function unusedName(): string {
  const [day, time] = new Date().toISOString().split(/[T.]/);
  return `query ${day} ${time?.replaceAll(':', '')} ${randomBytes(3).toString('hex')}`;
}

/** Steps of `runSqlJob`, in their order. */
const steps = {
  CREATE: 'The job is created.',
  SAVE: 'Its SQL is saved.',
  SUBMIT_FOR_APPROVAL: 'The partners whose datasets it reads are asked, where the league asks for approvals.',
  EXECUTE: 'It is run.',
} as const;
type Step = keyof typeof steps;

const RunSqlJobStep = closedEnum('RunSqlJobStep', 'Steps of `runSqlJob`, in their order.', steps);

interface RunSqlJobResult extends RunResult, MadeJobResult {
  readonly failedStep: Step;
  readonly waitsForApproval: boolean;
}

type Progress = Outcome<RunSqlJobResult>;

/**
 * Takes one step and adds its result to `done`. A failed step ends the workflow; the payload then holds the earlier results and the
 * failure. When its outcome is unknown, one read afterwards may still find the result.
 */
async function takeStep<Made extends object>(
  { done, step, context }: { readonly done: Progress; readonly step: Step; readonly context: Context },
  take: () => Promise<Made>,
  find: () => Promise<Partial<Made> | null> = () => Promise.resolve(null),
): Promise<{ readonly made: Made } | { readonly ended: Progress }> {
  try {
    return { made: await take() };
  } catch (error) {
    const userErrors = [toUserError(error)];
    if (!isUncertain(error)) return { ended: { ...done, failedStep: step, userErrors } };
    forgetReads(context);
    const found = await find().catch(() => null);
    return { ended: { ...done, ...found, failedStep: step, userErrors } };
  }
}

/** True if the league requires approvals. If that can't be read, the service decides when the job is run. */
async function needsApproval(leagueId: string, { loaders }: Context): Promise<boolean> {
  try {
    return (await loaders.leagues.settings(leagueId)).approvalRequired === true;
  } catch (error) {
    if (error instanceof GatewayError) return false;
    throw error;
  }
}

/** Submits the job for approval. One that reads only its own partner's data is approved at once and need not wait. */
async function submit(job: JobResult, agentId: string | undefined, { loaders }: Context) {
  await loaders.sqlJobWrites.submitSqlJob({ ...job, agentId });
  const approvalStatus = await loaders.jobs.sqlJob(job).then(
    (definition) => definition.approvalStatus.value,
    (error: unknown) => {
      // It was submitted. Failing to read the result is no failure of the step.
      if (error instanceof GatewayError) return 'UNKNOWN';
      throw error;
    },
  );
  return { waitsForApproval: approvalStatus !== 'APPROVED' };
}

async function run(
  {
    leagueId: league,
    agentId: agent,
    name: given,
    description,
    sql,
    executionParameters,
  }: Given<typeof RunSqlJobInput>,
  context: Context,
): Promise<Progress> {
  const { sqlJobWrites: writes } = context.loaders;
  const leagueId = parseId('League', league)[0];
  const agentId = agentTicsId(agent);
  const name = given ?? unusedName();
  const newJob = { leagueId, name, description };

  const creation = await takeStep(
    { done: {}, step: 'CREATE', context },
    async (): Promise<MadeJobResult> => ({
      leagueId,
      kind: 'sql',
      made: newJob,
      ...(await writes.createSqlJob(newJob, agentId)),
    }),
    () => findNewSqlJob(newJob, context),
  );
  if ('ended' in creation) return creation.ended;
  const job = creation.made;

  const saving = await takeStep({ done: job, step: 'SAVE', context }, async () => {
    const whole = { name, description: description ?? '', sql, executionParameters: executionParameters ?? {} };
    await writes.saveSqlJob({ ...job, agentId }, whole);
    return {};
  });
  if ('ended' in saving) return saving.ended;

  if (await needsApproval(leagueId, context)) {
    const submission = await takeStep({ done: job, step: 'SUBMIT_FOR_APPROVAL', context }, () =>
      submit(job, agentId, context),
    );
    if ('ended' in submission) return submission.ended;
    if (submission.made.waitsForApproval) return { ...job, ...submission.made };
  }

  const execution = await takeStep(
    { done: job, step: 'EXECUTE', context },
    () => writes.executeSqlJob({ ...job, agentId }),
    async () => {
      const instanceId = await findRunUnderWay(job, context);
      return instanceId === null ? null : { instanceId };
    },
  );
  return 'ended' in execution ? execution.ended : { ...job, ...execution.made };
}

mutation<Given<typeof RunSqlJobInput>, RunSqlJobResult>('runSqlJob', {
  description:
    'Creates an SQL job, saves its SQL and runs it. In a league that asks for approvals the job is submitted for approval instead and answered with `waitsForApproval`: run it by `executeSqlJob` when it is approved; a job that reads nobody else’s data is approved at once and runs. A step that fails ends it: `failedStep` says which one, `job` is the job as far as it was saved, and `updateSqlJob` and `executeSqlJob` go on from there. Nothing is sent twice and nothing is taken back.',
  calls: [
    { call: 'createSqlJob', per: 'object' },
    { call: 'updateSqlJob', per: 'object' },
    { call: 'submitSqlJobForApproval', per: 'object', onlyWhen: 'where the league asks for approvals' },
    { call: 'executeSqlJob', per: 'object', onlyWhen: 'unless it waits for approval' },
    { call: 'getLeague', per: 'object' },
    { call: 'getSqlJob', per: 'object', onlyWhen: 'where the league asks for approvals' },
  ],
  role: 'OPERATOR',
  input: RunSqlJobInput,
  faultFields: { NAME_TAKEN: ['name'], SQL_REFUSED: ['sql'] },
  payload: (t) => ({
    instanceId: instanceIdField(t),
    instance: t.field({
      type: Instance,
      calls: instanceById,
      description:
        'The run to watch; null where none was started. After OUTCOME_UNKNOWN, the job’s run that is under way.',
      resolve: (result, _, context) => instanceOf(result, context),
    }),
    jobId: jobIdField(t),
    job: t.field({
      type: SqlJob,
      calls: sqlJobOfPayload,
      description: 'The job as it now is.',
      resolve: (result, _, context, info) => jobOf(result, context, info),
    }),
    failedStep: t.field({
      type: RunSqlJobStep,
      description: 'The step that `userErrors` tells of; null when none failed. Those after it were not taken.',
      resolve: ({ failedStep }) => failedStep,
    }),
    waitsForApproval: t.boolean({
      nullable: false,
      description: 'Whether the job was submitted and waits for the partners, so that it does not run yet.',
      resolve: ({ waitsForApproval = false }) => waitsForApproval,
    }),
  }),
  run,
});
