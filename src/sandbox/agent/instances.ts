import { serviceError } from '../contract/errors.ts';
import { numberedPage, recordPage, timestamp } from '../contract/formats.ts';
import type { Handlers, SandboxRequest } from '../contract/handler.ts';
import {
  errorTextOf,
  featureSelectionOf,
  metricsOf,
  metricsText,
  resultExtText,
  resultOf,
  sampleAlignmentOf,
  shownSampleOf,
  storageAgentsOf,
} from '../results/index.ts';
import type { Instance, InstanceType, World } from '../model/world.ts';
import { ownAgent, ownInstance, ownJob, ownLeague, pageParameters, textParameter } from './access.ts';
import { filterInstances } from './filter.ts';

function agentInstanceRow(agentId: string) {
  return (instance: Instance) => ({
    id: instance.id,
    node_id: agentId,
    job_id: instance.jobId,
    job_ins_type: instance.type,
    job_name: instance.jobName,
    create_time: timestamp(instance.startedAtMs),
    round_id: instance.rounds,
  });
}

function partnerAliases(world: World, { agentIds }: Instance): string {
  return [...new Set(agentIds.map((id) => world.aliasOfAgent(id)))].join(',');
}

function leagueInstanceRow(world: World) {
  return (instance: Instance) => ({
    id: instance.id,
    status: instance.status,
    ext: instance.ext ?? '{}',
    job_name: instance.jobName,
    job_instance_type: instance.type,
    round_id: instance.rounds,
    start_time: timestamp(instance.startedAtMs),
    end_time: timestamp(instance.endedAtMs),
    result_ext: resultExtText(world, instance) ?? null,
    job_partner: partnerAliases(world, instance),
    is_single_predict: instance.isSinglePredict ?? null,
    metrics: metricsText(world, instance) ?? null,
  });
}

/** Only this list has metrics as an object. */
function modelRow(world: World) {
  return (instance: Instance) => ({
    ...leagueInstanceRow(world)(instance),
    result_ext: metricsOf(world, instance) ?? null,
  });
}

/** The `job_id` parameter. An unknown id selects no instances. */
function jobInLeague(request: SandboxRequest, world: World, leagueId: string): string | undefined {
  const jobId = textParameter(request, 'job_id');
  return jobId === undefined || world.job(jobId)?.leagueId === leagueId ? jobId : '';
}

const resultTypes: Readonly<Record<InstanceType, string>> = {
  SQL: 'SQL',
  HFL: 'FL',
  VFL_ID_TRUNCATION: 'FL_VERTICAL',
  VFL_SAMPLE_ALIGNMENT: 'FL_VERTICAL',
  VFL_FEATURE_SELECTION: 'FL_VERTICAL',
  VFL_TRAIN: 'FL_VERTICAL',
  VFL_EVALUATE: 'FL_VERTICAL',
  VFL_PREDICT: 'FL_VERTICAL',
};

/** An instance always has a result body; its fields are null until it has succeeded. */
function resultBody(world: World, instance: Instance) {
  const result = resultOf(world, instance);
  const storage = result?.storageAgentIds ?? storageAgentsOf(instance);
  return {
    ext: result?.ext ?? null,
    job_ins_id: instance.id,
    job_id: instance.jobId,
    result_storage_agent_id: storage.join(','),
    result_storage_agent_name: storage.map((id) => world.agent(id)?.name ?? '').join(','),
    result_storage_region_name: world.tenant.regionName,
    obs_path: result?.path ?? null,
    counter_map: result?.counters ?? {},
  };
}

export const instanceHandlers: Handlers = {
  /** §7.5.2: rows carry neither league nor status, and `offset` is a page number. */
  listAgentInstances(request, world) {
    const agent = ownAgent(request, world);
    return {
      status: 200,
      body: numberedPage(world.instancesOfAgent(agent.id), pageParameters(request), agentInstanceRow(agent.id)),
    };
  },

  /** §7.5.1 */
  async getResultSample(request, world) {
    const { instance_id: instanceId = '' } = request.path;
    const instance = world.instance(instanceId);
    if (!instance?.agentIds.includes(ownAgent(request, world).id)) {
      throw serviceError('agent', request.language, 'notFound', `instance ${instanceId}`);
    }
    const sample = await shownSampleOf(world, instance);
    return {
      status: 200,
      body: {
        status: instance.status,
        result:
          sample === undefined
            ? null
            : JSON.stringify({
                records: [sample.columns, ...sample.rows],
                obs_path: sample.path,
                execute_time: String(sample.executeMs),
              }),
        job_id: instance.jobId,
        result_type: resultTypes[instance.type],
        // Epoch milliseconds here; 0 until the run has ended.
        finish_time: instance.endedAtMs ?? 0,
      },
    };
  },

  /** §7.11.5 */
  listJobInstances(request, world) {
    const league = ownLeague(request, world);
    const jobId = jobInLeague(request, world, league.id);
    const instances = jobId === undefined ? world.instancesOfLeague(league.id) : world.instancesOfJob(jobId);
    const left = filterInstances(instances, world, request);
    return { status: 200, body: recordPage(left, pageParameters(request), leagueInstanceRow(world)) };
  },

  /** §7.10.2 */
  listModels(request, world) {
    const league = ownLeague(request, world);
    const jobId = jobInLeague(request, world, league.id);
    const models = jobId === undefined ? world.modelsOfLeague(league.id) : world.modelsOfJob(jobId);
    const left = filterInstances(models, world, request);
    return { status: 200, body: recordPage(left, pageParameters(request), modelRow(world)) };
  },

  /** §7.11.1 */
  getInstanceStatus: (request, world) => ({
    status: 200,
    body: { job_instance_status: ownInstance(request, world).status },
  }),

  /** §7.11.2 */
  getInstanceResult: (request, world) => ({ status: 200, body: resultBody(world, ownInstance(request, world)) }),

  /** §7.11.4 */
  getInstanceError: (request, world) => ({
    status: 200,
    body: { error_info: errorTextOf(ownInstance(request, world), request.language) },
  }),

  /** §7.9.7: all null when the job has no run of that type. */
  getFeatureSelection(request, world) {
    const job = ownJob(request, world, 'VFL');
    const selection = featureSelectionOf(world, job, textParameter(request, 'job_instance_type') as InstanceType);
    return {
      status: 200,
      body: {
        instance_id: selection?.instanceId ?? null,
        binning_type: selection?.binning ?? null,
        fs_status: selection?.status ?? null,
        result_ext: selection === undefined ? null : (selection.resultText ?? ''),
      },
    };
  },

  /** §7.12.4: all null when the job has no run of that type. */
  getSampleAlignment(request, world) {
    const job = ownJob(request, world, 'VFL');
    const alignment = sampleAlignmentOf(world, job, textParameter(request, 'job_instance_type') as InstanceType);
    return {
      status: 200,
      body: {
        datasets: alignment?.datasets ?? null,
        instance_id: alignment?.instanceId ?? null,
        job_instance_type: alignment?.type ?? null,
        sa_status: alignment?.status ?? null,
        data_count: alignment?.recordCount ?? null,
        obs_path: alignment?.path ?? null,
        start_time: timestamp(alignment?.startedAtMs),
        end_time: timestamp(alignment?.endedAtMs),
        result_ext: alignment?.resultText ?? null,
      },
    };
  },
};
