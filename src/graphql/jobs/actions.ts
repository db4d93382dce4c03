import { hasRole } from '../../callers/caller.ts';
import { builder } from '../builder.ts';
import type { Context } from '../context.ts';
import { closedEnum } from '../shared/enums.ts';
import { answerOr, reportAt } from '../shared/partialErrors.ts';

import { isUnderWay } from '../../tics/instances/states.ts';
import { toLearningParameters } from '../../tics/jobs/parameters.ts';
import type { Job as JobShape } from '../../tics/jobs/job.ts';
import { jobActionCalls } from './calls.ts';
import { Job } from './type.ts';

const jobActions = {
  EDIT: '`updateSqlJob`, `updateHorizontalJob` or `updateVerticalJob`.',
  DELETE: '`deleteJob`: it does not run.',
  SUBMIT_FOR_APPROVAL: '`submitSqlJobForApproval`: its league asks for approvals, and it was not submitted yet.',
  CANCEL_APPROVAL: '`cancelSqlJobApproval`: it waits for the partners.',
  EXECUTE: '`executeSqlJob`, `executeHorizontalJob` or `executeVerticalJob`: it is saved, and approved where need be.',
  TRUNCATE_IDS: '`truncateIds`, of vertical jobs.',
  ALIGN_SAMPLES: '`alignSamples`, of vertical jobs.',
  CALCULATE_INFORMATION_VALUE: '`calculateInformationValue`, of vertical jobs.',
} as const;

type JobAction = keyof typeof jobActions;

const JobAction = closedEnum('JobAction', 'What can be done with a job, by the name of the mutation.', jobActions);

/** Facts that decide on the actions. Each is read only when needed. */
interface Circumstances {
  /** True if the account's own partner created it, or if that is unknown. */
  readonly isOurs: () => Promise<boolean>;
  readonly state: () => Promise<State>;
}

interface State {
  /** True if there is something to run: SQL, or the datasets of a horizontal job. */
  readonly isSaved: boolean;
  readonly approvalStatus: JobShape['approvalStatus']['value'];
}

/** Compares the account that created the job with that of our agents. Only rows of SQL jobs name it. */
async function isOfOurAccount({ creatorDomainId, leagueId }: JobShape, { planes, loaders }: Context) {
  if (!creatorDomainId) return true;
  const agentIds = await planes.agentsOf(leagueId);
  const agents = await Promise.all(agentIds.map((agentId) => loaders.agents.byId(agentId)));
  const known = agents.flatMap((agent) => agent?.creatorDomainId ?? []);
  return known.length === 0 || known.includes(creatorDomainId);
}

/** Compares the agent that created the job with ours: the space plane lists no others. */
async function isOfOurAgent(job: JobShape, creatorAgentId: string | null | undefined, { planes }: Context) {
  return !creatorAgentId || (await planes.leagueOf(creatorAgentId)) === job.leagueId;
}

function keyOf({ leagueId, ticsId }: JobShape) {
  return { leagueId, jobId: ticsId };
}

async function approvalOf(job: JobShape, { loaders }: Context) {
  return (await loaders.jobs.approvalOf(job)).value;
}

/** By kind of job. No call acts on jobs of other kinds. */
const circumstances: Partial<Record<JobShape['__typename'], (job: JobShape, context: Context) => Circumstances>> = {
  SqlJob: (job, context) => ({
    isOurs: () => isOfOurAccount(job, context),
    state: async () => {
      const { value } = job.approvalStatus;
      // Only what has been saved can be submitted, and saving it anew makes it NEW again.
      if (value !== 'NEW' && value !== 'UNKNOWN') return { isSaved: true, approvalStatus: value };
      const { sql, approvalStatus } = await context.loaders.jobs.sqlJob(keyOf(job));
      return { isSaved: !!sql?.trim(), approvalStatus: approvalStatus.value };
    },
  }),
  HorizontalJob: (job, context) => {
    const definition = () => context.loaders.jobs.horizontalJob(keyOf(job));
    return {
      // The host that started it is named first.
      isOurs: async () => isOfOurAgent(job, (await definition()).hosts[0]?.agentId, context),
      state: async () => ({
        isSaved: (await definition()).datasets.length > 0,
        approvalStatus: await approvalOf(job, context),
      }),
    };
  },
  VerticalJob: (job, context) => ({
    isOurs: async () => {
      const savedCreatorId = toLearningParameters(job.leagueId, job.parameters)?.creatorAgentId;
      return isOfOurAgent(
        job,
        savedCreatorId ?? (await context.loaders.jobs.verticalJob(keyOf(job))).creatorAgentId,
        context,
      );
    },
    // Its datasets can be given when it is run.
    state: async () => ({ isSaved: true, approvalStatus: await approvalOf(job, context) }),
  }),
  PredictionJob: (job, context) => ({
    isOurs: () => isOfOurAgent(job, toLearningParameters(job.leagueId, job.parameters)?.creatorAgentId, context),
    state: () => Promise.resolve({ isSaved: true, approvalStatus: 'UNKNOWN' }),
  }),
};

const executions: Partial<Record<JobShape['__typename'], readonly JobAction[]>> = {
  SqlJob: ['EXECUTE'],
  HorizontalJob: ['EXECUTE'],
  VerticalJob: ['EXECUTE', 'TRUNCATE_IDS', 'ALIGN_SAMPLES', 'CALCULATE_INFORMATION_VALUE'],
  PredictionJob: ['EXECUTE'],
};

/**
 * True if a job may run whatever its league requires. No call submits a learning job for approval, so one without a decision may
 * run.
 */
function runsAnywhere({ __typename }: JobShape, { approvalStatus }: State): boolean {
  return (
    approvalStatus === 'APPROVED' ||
    (__typename !== 'SqlJob' && (approvalStatus === 'NEW' || approvalStatus === 'UNKNOWN'))
  );
}

/** True if none of a job's runs is under way. An unknown status may be. */
async function isIdle(job: JobShape, { loaders }: Context): Promise<boolean> {
  const { rows, gaps } = await loaders.instances.allOfJob(keyOf(job));
  return gaps === undefined && !rows.some(isUnderWay);
}

/** The actions open to the caller now. What can't be read is left for the service to check. */
async function allowedActions(job: JobShape, context: Context): Promise<readonly JobAction[]> {
  const { caller, planes, loaders } = context;
  const about = circumstances[job.__typename]?.(job, context);
  if (about === undefined || !hasRole(caller, 'OPERATOR')) return [];
  if ((await planes.agentsOf(job.leagueId)).length === 0 || !(await about.isOurs())) return [];

  const isPrediction = job.__typename === 'PredictionJob';
  const isSql = job.__typename === 'SqlJob';
  // No call changes or deletes a prediction.
  const [state, isDeletable] = await Promise.all([about.state(), !isPrediction && isIdle(job, context)]);
  const { approvalStatus, isSaved } = state;
  const lacksApproval =
    isSaved && !runsAnywhere(job, state) && (await loaders.leagues.settings(job.leagueId)).approvalRequired !== false;
  return [
    ...(isPrediction ? [] : (['EDIT'] as const)),
    ...(isDeletable ? (['DELETE'] as const) : []),
    ...(isSql && lacksApproval && approvalStatus !== 'APPROVING' ? (['SUBMIT_FOR_APPROVAL'] as const) : []),
    ...(isSql && approvalStatus === 'APPROVING' ? (['CANCEL_APPROVAL'] as const) : []),
    ...(isSaved && !lacksApproval ? (executions[job.__typename] ?? []) : []),
  ];
}

builder.interfaceFields(Job, (t) => ({
  allowedActions: t.field({
    type: [JobAction],
    nullable: { list: false, items: false },
    calls: jobActionCalls,
    description:
      'What the caller can do with the job now. None with another partner’s job, and none where no agent of the league is configured. A run can still be refused: the queue may be full.',
    resolve: (job, _, context, info) => answerOr(allowedActions(job, context), [], reportAt(context.report, info)),
  }),
}));
