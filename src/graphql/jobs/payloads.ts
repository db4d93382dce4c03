import type { GraphQLResolveInfo } from 'graphql';
import type { Context } from '../context.ts';
import { GatewayError } from '../../errors.ts';
import type { PayloadFields } from '../shared/mutations.ts';
import { formatId, parseId } from '../shared/ids.ts';
import { foundAgain } from '../shared/node.ts';
import { answerOr, reportAt } from '../shared/partialErrors.ts';
import type { Instance } from '../../tics/instances/instance.ts';
import { createdJob, type Job, type JobKind, type CreatedJob } from '../../tics/jobs/job.ts';

/** The job of a mutation, by which its payload finds the object. */
export interface JobResult {
  readonly leagueId: string;
  readonly kind: JobKind;
  readonly jobId: string;
}

/** A job created by a mutation. Its input is known even if no list can be read. */
export interface MadeJobResult extends JobResult {
  readonly made?: Pick<CreatedJob, 'name' | 'description'>;
}

/** The run that a mutation started. */
export interface RunResult extends JobResult {
  readonly instanceId: string;
}

/** The parts of a job's id, by name. */
export function jobResultOf(id: string): JobResult {
  const [leagueId, kind, jobId] = parseId('Job', id);
  return { leagueId, kind: kind as JobKind, jobId };
}

/** The raw id of an optional agent of an input. */
export function agentTicsId(id: string | null | undefined): string | undefined {
  return id ? parseId('Agent', id)[0] : undefined;
}

/** The current job of a payload; null if the mutation created none. */
export function jobOf(
  { leagueId, kind, jobId, made }: Partial<MadeJobResult>,
  { loaders, report }: Context,
  info: GraphQLResolveInfo,
): Promise<Job> | null {
  if (!leagueId || !kind || !jobId) return null;
  const job = foundAgain(loaders.jobs.byId(leagueId, kind, jobId));
  return made === undefined
    ? job
    : answerOr<Job>(job, createdJob({ leagueId, kind, jobId, ...made }), reportAt(report, info));
}

/** A run that was just started and is not in any list yet. */
function unlistedInstance({ leagueId, jobId, instanceId }: RunResult): Instance {
  return {
    __typename: 'Instance',
    ticsId: instanceId,
    leagueId,
    jobId,
    jobName: null,
    type: { value: 'UNKNOWN', text: null },
    roundCount: null,
    agentId: null,
    createdAt: null,
    run: null,
  };
}

/** The run of a payload. It was started, so its id is returned even if nothing of it can be read. */
export async function instanceOf(
  { leagueId, kind, jobId, instanceId }: Partial<RunResult>,
  { loaders }: Context,
): Promise<Instance | null> {
  if (!leagueId || !kind || !jobId || !instanceId) return null;
  const listed = await loaders.instances.byId(leagueId, instanceId).catch((error: unknown) => {
    if (error instanceof GatewayError) return null;
    throw error;
  });
  return listed === null ? unlistedInstance({ leagueId, kind, jobId, instanceId }) : { ...listed, jobId };
}

/** The id of the job of a payload. */
export function jobIdOf({ leagueId, kind, jobId }: JobResult): string {
  return formatId('Job', leagueId, kind, jobId);
}

/** `jobId` of a payload. */
export function jobIdField<Result extends JobResult>(t: PayloadFields<Result>) {
  return t.id({
    description: 'Id of the job: known even where the job can’t be read just now.',
    resolve: ({ leagueId, kind, jobId }) => (leagueId && kind && jobId ? jobIdOf({ leagueId, kind, jobId }) : null),
  });
}

/** `instanceId` of a payload. */
export function instanceIdField<Result extends RunResult>(t: PayloadFields<Result>) {
  return t.id({
    description: 'Id of the run: known even where the run can’t be read just now.',
    resolve: ({ leagueId, instanceId }) => (leagueId && instanceId ? formatId('Instance', leagueId, instanceId) : null),
  });
}
