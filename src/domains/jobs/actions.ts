import { builder } from '../../builder.ts';
import type { Context } from '../../context.ts';
import { GatewayError } from '../../errors.ts';
import { reportAt } from '../../graph/report.ts';
import { hasRole } from '../../graph/roles.ts';
import { isUnderWay } from '../instances/states.ts';
import { toLearningParameters } from './parametersSource.ts';
import type { Job as JobShape } from './source.ts';
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

const JobAction = builder.enumType('JobAction', {
  description: 'What can be done with a job, by the name of the mutation.',
  values: Object.fromEntries(
    Object.entries(jobActions).map(([action, description]) => [action, { description }]),
  ) as Readonly<Record<JobAction, { readonly description: string }>>,
});

/** What decides on the actions, besides the state that the job's row tells. */
interface Circumstances {
  /** Whether the account's own partner created it; true where nothing tells. */
  readonly isOurs: boolean;
  /** Whether there is something to run: SQL, or the datasets of a horizontal job. */
  readonly isSaved: boolean;
  readonly approvalStatus: JobShape['approvalStatus']['word'];
}

/** By the account that created it, which only rows of SQL jobs tell: our agents' creator is in the same one. */
const isOfOurAccount = async ({ creatorDomainId }: JobShape, agentIds: readonly string[], { sources }: Context) => {
  const agents = await Promise.all(agentIds.map((agentId) => sources.agents.byId(agentId)));
  const known = agents.flatMap((agent) => agent?.creatorDomainId ?? []);
  return !creatorDomainId || known.length === 0 || known.includes(creatorDomainId);
};

/** By the agent that created it: the space plane lists ours alone. */
const isOfOurAgent = async (job: JobShape, creatorAgentId: string | null | undefined, { planes }: Context) =>
  !creatorAgentId || (await planes.leagueOf(creatorAgentId)) === job.leagueId;

/** By kind of job; of the others nothing is known, and no call does anything with them. */
const circumstances: Partial<
  Record<
    JobShape['__typename'],
    (job: JobShape, agentIds: readonly string[], context: Context) => Promise<Circumstances>
  >
> = {
  SqlJob: async (job, agentIds, context) => {
    const key = { leagueId: job.leagueId, jobId: job.ticsId };
    const [isOurs, definition] = await Promise.all([
      isOfOurAccount(job, agentIds, context),
      context.sources.jobs.sqlJob(key),
    ]);
    return { isOurs, isSaved: !!definition.sql?.trim(), approvalStatus: definition.approvalStatus.word };
  },
  HorizontalJob: async (job, _, context) => {
    const definition = await context.sources.jobs.horizontalJob({ leagueId: job.leagueId, jobId: job.ticsId });
    return {
      // The host that started it is named first.
      isOurs: await isOfOurAgent(job, definition.hosts[0]?.agentId, context),
      isSaved: definition.datasets.length > 0,
      approvalStatus: job.approvalStatus.word,
    };
  },
  VerticalJob: async (job, _, context) => {
    const key = { leagueId: job.leagueId, jobId: job.ticsId };
    const creatorAgentId =
      toLearningParameters(job.parameters)?.creatorAgentId ??
      (await context.sources.jobs.verticalJob(key)).creatorAgentId;
    // Whatever it runs on can be said when it is run.
    const isOurs = await isOfOurAgent(job, creatorAgentId, context);
    return { isOurs, isSaved: true, approvalStatus: job.approvalStatus.word };
  },
  PredictionJob: async (job, _, context) => {
    const isOurs = await isOfOurAgent(job, toLearningParameters(job.parameters)?.creatorAgentId, context);
    return { isOurs, isSaved: true, approvalStatus: job.approvalStatus.word };
  },
};

const executions: Partial<Record<JobShape['__typename'], readonly JobAction[]>> = {
  SqlJob: ['EXECUTE'],
  HorizontalJob: ['EXECUTE'],
  VerticalJob: ['EXECUTE', 'TRUNCATE_IDS', 'ALIGN_SAMPLES', 'CALCULATE_INFORMATION_VALUE'],
  PredictionJob: ['EXECUTE'],
};

/**
 * Where a league asks for approvals, an SQL job needs one. No call submits a learning job: one whose approval nobody has
 * decided on yet may run.
 */
const mayRun = ({ __typename }: JobShape, { approvalStatus }: Circumstances, needsApproval: boolean): boolean =>
  !needsApproval ||
  approvalStatus === 'APPROVED' ||
  (__typename !== 'SqlJob' && (approvalStatus === 'NEW' || approvalStatus === 'UNKNOWN'));

/** The newest runs of a job: an older one has ended. */
const runsOf = async ({ leagueId, ticsId }: JobShape, { sources }: Context) =>
  (await sources.instances.ofJob({ leagueId, jobId: ticsId })(0, 100)).rows;

/** What the caller can do with a job now; what can't be told by reading is left to the service. */
const allowedActions = async (job: JobShape, context: Context): Promise<readonly JobAction[]> => {
  const { caller, planes, sources } = context;
  const learn = circumstances[job.__typename];
  if (learn === undefined || !hasRole(caller, 'OPERATOR')) return [];
  const agentIds = await planes.agentsOf(job.leagueId);
  if (agentIds.length === 0) return [];
  const isPrediction = job.__typename === 'PredictionJob';
  const isSql = job.__typename === 'SqlJob';
  const [about, settings, runs] = await Promise.all([
    learn(job, agentIds, context),
    sources.leagues.settings(job.leagueId),
    isPrediction ? [] : runsOf(job, context),
  ]);
  if (!about.isOurs) return [];

  const needsApproval = settings.approvalRequired !== false;
  const { approvalStatus, isSaved } = about;
  const isSubmitted = approvalStatus === 'APPROVING' || approvalStatus === 'APPROVED';
  return [
    // No call changes or deletes a prediction.
    ...(isPrediction ? [] : (['EDIT'] as const)),
    ...(isPrediction || runs.some(isUnderWay) ? [] : (['DELETE'] as const)),
    ...(isSql && needsApproval && isSaved && !isSubmitted ? (['SUBMIT_FOR_APPROVAL'] as const) : []),
    ...(isSql && approvalStatus === 'APPROVING' ? (['CANCEL_APPROVAL'] as const) : []),
    ...(isSaved && mayRun(job, about, needsApproval) ? (executions[job.__typename] ?? []) : []),
  ];
};

builder.interfaceFields(Job, (t) => ({
  allowedActions: t.field({
    type: [JobAction],
    nullable: { list: false, items: false },
    description:
      'What the caller can do with the job now, for operators: none with another partner’s job, and none where the league has no agent whose account is configured. A queue that is full, or a dataset that is no longer published, can still refuse a run. Where it can’t be found out it is none, and the failure is in `errors`. Costs up to three calls a job, its definition, `listLeagueInstances` and, of SQL jobs, `getAgentDeployment` or `listAgents` once an operation; and `getLeague` once a league.',
    resolve: async (job, _, context, info) => {
      try {
        return await allowedActions(job, context);
      } catch (error) {
        if (!(error instanceof GatewayError)) throw error;
        reportAt(context.report, info)(error);
        return [];
      }
    },
  }),
}));
