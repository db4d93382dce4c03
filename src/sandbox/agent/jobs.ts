import { serviceError } from '../contract/errors.ts';
import { recordPage, timestamp } from '../contract/formats.ts';
import type { Handlers } from '../contract/handler.ts';
import type { HorizontalJob, PredictionJob, SqlJob, VerticalJob, World } from '../model/world.ts';
import { ownJob, ownLeague, pageParameters } from './access.ts';
import { filterJobs } from './filter.ts';

function sqlJobRow(world: World) {
  return (job: SqlJob) => ({
    id: job.id,
    name: job.name,
    description: job.description,
    deleted: false,
    job_type: job.type,
    domain_id: world.partner(job.partnerId)?.domainId ?? null,
    league_id: job.leagueId,
    creator_id: job.creatorId,
    creator_name: job.creatorName,
    create_time: timestamp(job.createdAtMs),
    update_user_id: job.updaterId,
    update_user_name: job.updaterName,
    update_time: timestamp(job.updatedAtMs),
    approval_status: job.approvalStatus,
  });
}

function sqlJobDetail(job: SqlJob) {
  return {
    name: job.name,
    description: job.description,
    sql_text: job.sql,
    sql_job_approval_status: job.approvalStatus,
    approval_records: job.approvals.map(({ datasetNames, comment, partnerAlias, status }) => ({
      datasets: datasetNames.join(','),
      comment,
      approval_partner_alias: partnerAlias,
      approval_status: status,
    })),
    ext: job.ext ?? '{}',
  };
}

/** Fields shared by horizontal, vertical and prediction jobs. */
function learningRow(job: HorizontalJob | VerticalJob | PredictionJob) {
  return {
    description: job.description,
    round: job.type === 'HFL' ? (job.rounds ?? null) : null,
    epoch: job.type === 'PREDICT' ? null : (job.epochs ?? null),
    job_id: job.id,
    job_name: job.name,
    job_type: job.type,
    creator_name: job.creatorName,
    create_time: timestamp(job.createdAtMs),
    hfl_type: job.type === 'PREDICT' ? null : job.phase,
    hfl_platform_type: job.type === 'PREDICT' ? null : job.platform,
    learning_rate: job.type === 'HFL' ? null : (job.learningRate ?? null),
    algorithm_type: job.type === 'HFL' ? null : job.algorithm,
    learning_task_type: job.learningTask ?? null,
    ext: job.ext ?? null,
    is_single_predict: job.type === 'HFL' ? null : (job.isSinglePredict ?? null),
  };
}

function datasetsOf(world: World, { datasetIds }: { readonly datasetIds: readonly string[] }) {
  return datasetIds.map((id) => world.dataset(id)).filter((dataset) => dataset !== undefined);
}

function horizontalDetail(world: World, job: HorizontalJob) {
  const datasets = datasetsOf(world, job);
  const hosts = [...new Set([job.agentId, ...datasets.map(({ agentId }) => agentId)])];
  return {
    description: job.description,
    round: job.rounds ?? null,
    epoch: job.epochs ?? null,
    datasets: datasets.map(({ partnerId, name }) => `${world.partner(partnerId)?.alias ?? ''}.${name}`).join(','),
    ext: job.ext ?? null,
    job_name: job.name,
    hfl_type: job.phase,
    hfl_platform_type: job.platform,
    host_agent_id: hosts.join(','),
    host_agent_name: hosts.map((id) => world.agent(id)?.name ?? '').join(','),
    boot_file_url: job.bootFileUrl ?? null,
    model_file_url: job.modelFileUrl ?? null,
    engine_id: job.engineId ?? null,
    spec_id: job.specId ?? null,
    initial_weight_url: job.initialWeightUrl ?? null,
    eval_dataset_name: job.evaluationDatasetName ?? null,
  };
}

function verticalDetail(world: World, job: VerticalJob) {
  return {
    description: job.description,
    datasets: datasetsOf(world, job)
      .map(({ agentId, name, partnerId }) => `${agentId}.${name}.${world.partner(partnerId)?.alias ?? ''}`)
      .join(','),
    features: job.features.map(({ agentId, datasetName, features }) => ({
      agent_id: agentId,
      dataset_name: datasetName,
      features,
    })),
    label: job.label ?? null,
    epoch: job.epochs ?? null,
    job_name: job.name,
    algorithm_type: job.algorithm,
    work_step: job.workStep,
    learning_rate: job.learningRate ?? null,
    label_dataset: job.labelDatasetName ?? null,
    label_agent: job.labelAgentId ?? null,
    batch_size: job.batchSize ?? null,
    grad_epsilon: job.gradientEpsilon ?? null,
    tree_num: job.treeCount ?? null,
    tree_depth: job.treeDepth ?? null,
    split_num: job.splitCount ?? null,
    current_agent_id: job.agentId,
    learning_task_type: job.learningTask ?? null,
    predict_threshold: job.predictThreshold ?? null,
    is_single_predict: job.isSinglePredict ?? null,
  };
}

/** `offset` counts records here. */
export const jobHandlers: Handlers = {
  /** §7.8.4 */
  listSqlJobs(request, world) {
    const jobs = world.jobsOfLeague(ownLeague(request, world).id, 'SQL');
    const left = filterJobs(jobs, world, request, 'jobInstanceType');
    return { status: 200, body: recordPage(left, pageParameters(request), sqlJobRow(world)) };
  },

  /** §7.8.3: the `agent-id` header must name an agent of the same league. */
  getSqlJob(request, world) {
    const job = ownJob(request, world, 'SQL');
    const viewer = request.headers['agent-id'];
    if (viewer !== undefined && world.agent(viewer)?.leagueId !== job.leagueId) {
      throw serviceError('agent', request.language, 'notFound', `agent ${viewer}`);
    }
    return { status: 200, body: sqlJobDetail(job) };
  },

  /** §7.9.6 */
  listFlJobs(request, world) {
    const jobs = world.jobsOfLeague(ownLeague(request, world).id, 'HFL', 'VFL');
    const left = filterJobs(jobs, world, request, 'job_instance_type');
    return { status: 200, body: recordPage(left, pageParameters(request), learningRow) };
  },

  /** §7.9.2 */
  getHorizontalJob: (request, world) => ({
    status: 200,
    body: horizontalDetail(world, ownJob(request, world, 'HFL')),
  }),

  /** §7.9.3 */
  getVerticalJob: (request, world) => ({ status: 200, body: verticalDetail(world, ownJob(request, world, 'VFL')) }),

  /** §7.10.1 */
  listPredictionJobs(request, world) {
    const jobs = world.jobsOfLeague(ownLeague(request, world).id, 'PREDICT');
    const left = filterJobs(jobs, world, request, 'job_instance_type');
    return { status: 200, body: recordPage(left, pageParameters(request), learningRow) };
  },
};
