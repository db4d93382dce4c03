import type { components } from '../../upstream/generated/agent.d.ts';
import { memo } from '../../upstream/memo.ts';
import type { Planes } from '../planes/planes.ts';
import {
  commaList,
  decimal,
  flag,
  integer,
  jsonText,
  rows,
  text,
  type Decimal,
  type JsonText,
} from '../../upstream/wire.ts';
import type { OpenEnum } from '../../upstream/openEnum.ts';
import { horizontalPhase, type algorithms, type horizontalPhases } from '../instances/enums.ts';
import { featuresOf, horizontalDatasets, verticalDatasets, type JobDataset, type JobFeatures } from './datasets.ts';
import {
  algorithm,
  jobApprovalStatus,
  learningPlatform,
  learningTask,
  workStep,
  type jobApprovalStatuses,
  type learningPlatforms,
  type learningTasks,
  type workSteps,
} from './enums.ts';

type Schemas = components['schemas'];

/** One partner's decision on a job that uses its datasets. */
export interface JobApproval {
  readonly partnerAlias: string | null;
  readonly datasetNames: readonly string[];
  readonly datasetNamesText: string | null;
  readonly status: OpenEnum<typeof jobApprovalStatuses>;
  readonly comment: string | null;
}

/** Properties that only `getSqlJob` answers. */
export interface SqlJobDefinition {
  readonly name: string | null;
  readonly description: string | null;
  readonly sql: string | null;
  readonly approvalStatus: OpenEnum<typeof jobApprovalStatuses>;
  readonly approvals: readonly JobApproval[];
  readonly parameters: JsonText;
}

/** An agent that takes part in a horizontal job. */
export interface HostAgent {
  readonly agentId: string | null;
  readonly name: string | null;
}

/** Properties that only `getHorizontalJob` answers. */
export interface HorizontalJobDefinition {
  readonly name: string | null;
  readonly description: string | null;
  readonly phase: OpenEnum<typeof horizontalPhases>;
  readonly platform: OpenEnum<typeof learningPlatforms>;
  readonly roundCount: number | null;
  readonly epochs: number | null;
  readonly datasets: readonly JobDataset[];
  readonly datasetsText: string | null;
  readonly evaluationDatasetName: string | null;
  readonly hosts: readonly HostAgent[];
  readonly hostIdsText: string | null;
  readonly hostNamesText: string | null;
  readonly scriptPath: string | null;
  readonly modelPath: string | null;
  readonly initialWeightsPath: string | null;
  readonly engineId: string | null;
  readonly resourceSpecId: string | null;
  readonly parameters: JsonText;
}

/** Properties that only `getVerticalJob` answers. */
export interface VerticalJobDefinition {
  readonly name: string | null;
  readonly description: string | null;
  readonly workStep: OpenEnum<typeof workSteps>;
  readonly algorithm: OpenEnum<typeof algorithms>;
  readonly learningTask: OpenEnum<typeof learningTasks>;
  readonly datasets: readonly JobDataset[];
  readonly datasetsText: string | null;
  readonly features: readonly JobFeatures[];
  readonly label: string | null;
  readonly labelDatasetName: string | null;
  readonly labelAgentId: string | null;
  readonly creatorAgentId: string | null;
  readonly predictsAlone: boolean | null;
  readonly predictionThreshold: Decimal | null;
  readonly learningRate: Decimal | null;
  readonly epochs: number | null;
  readonly batchSize: number | null;
  readonly gradientEpsilon: Decimal | null;
  readonly treeCount: number | null;
  readonly treeDepth: number | null;
  readonly splitCount: number | null;
}

function toApproval(wire: Schemas['SqlJobApprovalRecord']): JobApproval {
  return {
    partnerAlias: text(wire.approval_partner_alias),
    datasetNames: commaList(wire.datasets),
    datasetNamesText: text(wire.datasets),
    status: jobApprovalStatus(wire.approval_status),
    comment: text(wire.comment),
  };
}

function toSqlJobDefinition(wire: Schemas['SqlJobDetail']): SqlJobDefinition {
  return {
    name: text(wire.name),
    description: text(wire.description),
    sql: text(wire.sql_text),
    approvalStatus: jobApprovalStatus(wire.sql_job_approval_status),
    approvals: rows(wire.approval_records).map(toApproval),
    parameters: jsonText(wire.ext),
  };
}

/** Ids and names are comma lists of their own: the first id has the first name. */
function toHosts({ host_agent_id: ids, host_agent_name: names }: Schemas['HorizontalJobDetail']): HostAgent[] {
  const [idList, nameList] = [commaList(ids), commaList(names)];
  return Array.from({ length: Math.max(idList.length, nameList.length) }, (_, index) => ({
    agentId: idList[index] ?? null,
    name: nameList[index] ?? null,
  }));
}

function toHorizontalJobDefinition(wire: Schemas['HorizontalJobDetail']): HorizontalJobDefinition {
  return {
    name: text(wire.job_name),
    description: text(wire.description),
    phase: horizontalPhase(wire.hfl_type),
    platform: learningPlatform(wire.hfl_platform_type),
    roundCount: integer(wire.round),
    epochs: integer(wire.epoch),
    datasets: horizontalDatasets(wire.datasets),
    datasetsText: text(wire.datasets),
    evaluationDatasetName: text(wire.eval_dataset_name),
    hosts: toHosts(wire),
    hostIdsText: text(wire.host_agent_id),
    hostNamesText: text(wire.host_agent_name),
    scriptPath: text(wire.boot_file_url),
    modelPath: text(wire.model_file_url),
    initialWeightsPath: text(wire.initial_weight_url),
    engineId: text(wire.engine_id),
    resourceSpecId: text(wire.spec_id),
    parameters: jsonText(wire.ext),
  };
}

function toVerticalJobDefinition(leagueId: string, wire: Schemas['VerticalJobDetail']): VerticalJobDefinition {
  return {
    name: text(wire.job_name),
    description: text(wire.description),
    workStep: workStep(wire.work_step),
    algorithm: algorithm(wire.algorithm_type),
    learningTask: learningTask(wire.learning_task_type),
    datasets: verticalDatasets(wire.datasets),
    datasetsText: text(wire.datasets),
    features: featuresOf(leagueId, wire.features),
    label: text(wire.label),
    labelDatasetName: text(wire.label_dataset),
    labelAgentId: text(wire.label_agent),
    creatorAgentId: text(wire.current_agent_id),
    predictsAlone: flag(wire.is_single_predict),
    predictionThreshold: decimal(wire.predict_threshold),
    learningRate: decimal(wire.learning_rate),
    epochs: integer(wire.epoch),
    batchSize: integer(wire.batch_size),
    gradientEpsilon: decimal(wire.grad_epsilon),
    treeCount: integer(wire.tree_num),
    treeDepth: integer(wire.tree_depth),
    splitCount: integer(wire.split_num),
  };
}

/** A job by where it is. */
export interface JobKey {
  readonly leagueId: string;
  readonly jobId: string;
}

/** Reads definitions of jobs: one call for each job. Only agents answer these calls. */
export function createDefinitionLoaders({ ofLeague }: Planes) {
  return {
    /** `GET …/sql-jobs/{j}` (7.8.3), as one agent sees it: the named one, else the first of the league that answers. */
    sqlJob: memo(({ leagueId, jobId, agentId }: JobKey & { readonly agentId?: string | undefined }) =>
      ofLeague(
        leagueId,
        (agent) => agent.read('getSqlJob', { path: { league_id: leagueId, job_id: jobId } }).then(toSqlJobDefinition),
        agentId,
      ),
    ),
    /** `GET …/fl-jobs/{j}` (7.9.2). */
    horizontalJob: memo(({ leagueId, jobId }: JobKey) =>
      ofLeague(leagueId, (agent) =>
        agent
          .read('getHorizontalJob', { path: { league_id: leagueId, job_id: jobId } })
          .then(toHorizontalJobDefinition),
      ),
    ),
    /** `GET …/fl-vertical-jobs/{j}` (7.9.3). */
    verticalJob: memo(({ leagueId, jobId }: JobKey) =>
      ofLeague(leagueId, async (agent) => {
        const path = { league_id: leagueId, job_id: jobId };
        return toVerticalJobDefinition(leagueId, await agent.read('getVerticalJob', { path }));
      }),
    ),
  };
}
