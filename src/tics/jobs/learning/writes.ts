import type { Wire } from '../../../upstream/json.ts';
import type { Planes } from '../../planes/planes.ts';
import type { AgentClient } from '../../../upstream/rest.ts';
import { record, text } from '../../../upstream/wire.ts';
import { writtenId } from '../../../upstream/written.ts';
import type { InstanceKey, InstanceStatus } from '../../instances/instance.ts';
import { instanceStatus } from '../../instances/enums.ts';
import type { JobKey } from '../definition.ts';
import {
  alignmentBody,
  idTruncationBody,
  informationValueBody,
  verticalRunBody,
  type Alignment,
  type IdTruncation,
  type InformationValueRun,
  type VerticalRun,
} from './run.ts';
import {
  horizontalBody,
  newJobBody,
  verticalBody,
  type HorizontalSettings,
  type NewLearningJob,
  type VerticalSettings,
} from './settings.ts';
import type { WrittenJob } from '../sql/writes.ts';

/** Equal for a number and its digits, and for undefined, null and an empty text. */
function comparable(value: Wire): string {
  return typeof value === 'object' && value !== null ? JSON.stringify(value) : (text(value) ?? '');
}

/** Definitions name all participants as hosts, whichever were sent. */
const hostNames: readonly string[] = ['host_agent_id', 'host_agent_name'];

/** True when a definition has the values that were sent, as far as it has the fields. */
function holds(definition: Wire, body: object): boolean {
  const saved = record(definition);
  return Object.entries(body)
    .filter(([name, value]) => value !== undefined && name in saved && !hostNames.includes(name))
    .every(([name, value]) => comparable(saved[name]) === comparable(value));
}

function pathOf({ leagueId, jobId }: JobKey) {
  return { league_id: leagueId, job_id: jobId };
}

async function clientFor({ forWriting }: Planes, { leagueId, agentId }: WrittenJob): Promise<AgentClient> {
  return (await forWriting(leagueId, agentId)).client;
}

/** Writes definitions of learning jobs. */
function createDefinitionWrites(planes: Planes) {
  const { forWriting, ofLeague } = planes;
  return {
    /** `POST …/fl-jobs` (7.9.1): the agent that is asked initiates the job. Answers the job's id. */
    create: async ({ leagueId, agentId: asked }: Omit<WrittenJob, 'jobId'>, job: NewLearningJob): Promise<string> => {
      const { agentId, client } = await forWriting(leagueId, asked);
      const answer = await client.write('createFlJob', {
        path: { league_id: leagueId },
        body: newJobBody(job, agentId),
      });
      return writtenId('createFlJob', record(answer)['job_id']);
    },
    /** `PUT …/fl-jobs/{j}` (7.9.5). */
    updateHorizontal: async (job: WrittenJob, settings: HorizontalSettings): Promise<void> => {
      const client = await clientFor(planes, job);
      await client.write('updateHorizontalJob', { path: pathOf(job), body: horizontalBody(settings) });
    },
    /** `PUT …/fl-vertical-jobs/{j}` (7.9.4). */
    updateVertical: async (job: WrittenJob, settings: VerticalSettings): Promise<void> => {
      const client = await clientFor(planes, job);
      await client.write('updateVerticalJob', { path: pathOf(job), body: verticalBody(settings) });
    },
    /** True when a horizontal job has these settings: reconciles a write whose outcome is unknown. */
    hasHorizontal: ({ agentId, ...job }: WrittenJob, settings: HorizontalSettings): Promise<boolean> =>
      ofLeague(
        job.leagueId,
        async (agent) => holds(await agent.read('getHorizontalJob', { path: pathOf(job) }), horizontalBody(settings)),
        agentId ?? undefined,
      ),
    /** True when a vertical job has these settings. */
    hasVertical: ({ agentId, ...job }: WrittenJob, settings: VerticalSettings): Promise<boolean> =>
      ofLeague(
        job.leagueId,
        async (agent) => holds(await agent.read('getVerticalJob', { path: pathOf(job) }), verticalBody(settings)),
        agentId ?? undefined,
      ),
  };
}

/** Starts runs of learning jobs. Each answers the id of the instance. */
function createRunWrites(planes: Planes) {
  return {
    /** `POST …/fl-jobs/{j}/execute` (7.9.9). */
    executeHorizontal: async (job: WrittenJob): Promise<string> => {
      const client = await clientFor(planes, job);
      const answer = await client.write('executeHorizontalJob', { path: pathOf(job) });
      return writtenId('executeHorizontalJob', record(answer)['job_instance_id']);
    },
    /** `POST …/fl-vertical-jobs/{j}/execute` (7.9.10). */
    executeVertical: async (job: WrittenJob, run: VerticalRun): Promise<string> => {
      const client = await clientFor(planes, job);
      const answer = await client.write('executeVerticalJob', { path: pathOf(job), body: verticalRunBody(run) });
      return writtenId('executeVerticalJob', record(answer)['job_instance_id']);
    },
    /** `POST …/fl-vertical-jobs/{j}/idTruncation` (7.12.1). */
    truncateIds: async (job: WrittenJob, run: IdTruncation): Promise<string> => {
      const client = await clientFor(planes, job);
      const answer = await client.write('truncateIds', { path: pathOf(job), body: idTruncationBody(run, job) });
      return writtenId('truncateIds', record(answer)['job_instance_id']);
    },
    /** `POST …/fl-vertical-jobs/{j}/sampleAlignment` (7.12.3). */
    alignSamples: async (job: WrittenJob, run: Alignment): Promise<string> => {
      const client = await clientFor(planes, job);
      const answer = await client.write('alignSamples', { path: pathOf(job), body: alignmentBody(run, job) });
      return writtenId('alignSamples', record(answer)['job_instance_id']);
    },
    /** `POST …/fl-vertical-jobs/{j}/ivcalculate` (7.12.2). */
    calculateInformationValue: async (job: WrittenJob, run: InformationValueRun): Promise<string> => {
      const client = await clientFor(planes, job);
      const answer = await client.write('calculateInformationValue', {
        path: pathOf(job),
        body: informationValueBody(run),
      });
      return writtenId('calculateInformationValue', record(answer)['job_instance_id']);
    },
  };
}

/** Writes learning jobs, and starts their runs. Every call is sent once, to one agent. */
export function createLearningWrites(planes: Planes) {
  const { ofLeague } = planes;
  return {
    ...createDefinitionWrites(planes),
    ...createRunWrites(planes),
    /** `GET …/job-instances/{i}/status` (7.11.1), sent anew each time: for polls of a run. */
    statusNow: ({
      leagueId,
      instanceId,
      agentId,
    }: InstanceKey & { readonly agentId: string }): Promise<InstanceStatus> =>
      ofLeague(
        leagueId,
        async (agent) => {
          const path = { league_id: leagueId, instance_id: instanceId };
          return instanceStatus((await agent.read('getInstanceStatus', { path })).job_instance_status);
        },
        agentId ?? undefined,
      ),
  };
}
