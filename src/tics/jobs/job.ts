import type { components as AgentComponents } from '../../upstream/generated/agent.d.ts';
import type { components as SpaceComponents } from '../../upstream/generated/space.d.ts';
import { decimal, flag, instant, integer, jsonText, text, type Decimal, type JsonText } from '../../upstream/wire.ts';
import type { OpenEnum } from '../../upstream/openEnum.ts';
import { horizontalPhase, type algorithms, type horizontalPhases } from '../instances/enums.ts';
import {
  algorithm,
  jobApprovalStatus,
  jobType,
  learningPlatform,
  learningTask,
  type jobApprovalStatuses,
  type jobTypes,
  type learningPlatforms,
  type learningTasks,
} from './enums.ts';

type AgentSchemas = AgentComponents['schemas'];
type SpaceSchemas = SpaceComponents['schemas'];

/** The three lists that the gateway merges: SQL jobs, horizontal and vertical jobs, predictions. */
export type JobList = 'SQL' | 'LEARNING' | 'PREDICTION';

/** A job's type in its global id. */
export type JobKind = 'sql' | 'hfl' | 'vfl' | 'predict';

/** A job, from its row in any of the lists. Missing values are null, or UNKNOWN without a text. */
export interface Job {
  readonly __typename: 'SqlJob' | 'HorizontalJob' | 'VerticalJob' | 'PredictionJob' | 'OtherJob';
  readonly kind: JobKind;
  readonly leagueId: string;
  readonly ticsId: string;
  readonly name: string | null;
  readonly description: string | null;
  readonly type: OpenEnum<typeof jobTypes>;
  readonly approvalStatus: OpenEnum<typeof jobApprovalStatuses>;
  readonly creatorId: string | null;
  readonly creatorName: string | null;
  readonly creatorDomainId: string | null;
  readonly createdAt: string | null;
  readonly updaterId: string | null;
  readonly updaterName: string | null;
  readonly updatedAt: string | null;
  readonly deleted: boolean | null;
  readonly phase: OpenEnum<typeof horizontalPhases>;
  readonly platform: OpenEnum<typeof learningPlatforms>;
  readonly algorithm: OpenEnum<typeof algorithms>;
  readonly learningTask: OpenEnum<typeof learningTasks>;
  readonly learningRate: Decimal | null;
  readonly rounds: number | null;
  readonly epochs: number | null;
  readonly predictsAlone: boolean | null;
  readonly parameters: JsonText;
}

type SqlRow = SpaceSchemas['LeagueSqlJobRow'] & AgentSchemas['SqlJobRow'];
/** Rows of the planes differ: the approval is in those of the space plane, the rate, rounds and epochs in those of agents. */
type LearningRow = SpaceSchemas['LeagueFlJobRow'] & AgentSchemas['FlJobRow'] & AgentSchemas['PredictionJobRow'];
/** A row of any list. SQL jobs call their id and name `id` and `name`, all others `job_id` and `job_name`. */
export type JobRow = SqlRow & LearningRow;

const forms = {
  SQL: { __typename: 'SqlJob', kind: 'sql' },
  HFL: { __typename: 'HorizontalJob', kind: 'hfl' },
  VFL: { __typename: 'VerticalJob', kind: 'vfl' },
  PREDICT: { __typename: 'PredictionJob', kind: 'predict' },
} as const;

/** The id of a job of unknown type names the list that it came from, to find it again. */
const otherKinds = { SQL: 'sql', LEARNING: 'hfl', PREDICTION: 'predict' } as const;

/** Type of rows without one, for lists of a single type. */
const impliedTypes = { SQL: 'SQL', LEARNING: null, PREDICTION: 'PREDICT' } as const;

function formOf(list: JobList, { value }: Job['type']): Pick<Job, '__typename' | 'kind'> {
  return value === 'UNKNOWN' || value === 'DATA_EXCHANGE'
    ? { __typename: 'OtherJob', kind: otherKinds[list] }
    : forms[value];
}

/** Properties of a job that was just created and is in no list yet. */
export interface CreatedJob {
  readonly leagueId: string;
  readonly kind: JobKind;
  readonly jobId: string;
  readonly name: string;
  readonly description?: string | null | undefined;
}

const lists = { sql: 'SQL', hfl: 'LEARNING', vfl: 'LEARNING', predict: 'PREDICTION' } as const;

/** A job that was just created. */
export function createdJob({ leagueId, kind, jobId, name, description }: CreatedJob): Job {
  const type = { sql: 'SQL', hfl: 'HFL', vfl: 'VFL', predict: 'PREDICT' }[kind];
  return toJob({ id: jobId, name, description: description ?? '', job_type: type }, lists[kind], leagueId);
}

/** Reads a row of any list of jobs. */
export function toJob(wire: JobRow, list: JobList, leagueId: string): Job {
  const type = jobType(wire.job_type ?? impliedTypes[list]);
  return {
    leagueId,
    ticsId: text(wire.id ?? wire.job_id) ?? '',
    name: text(wire.name ?? wire.job_name),
    description: text(wire.description),
    type,
    approvalStatus: jobApprovalStatus(wire.approval_status),
    creatorId: text(wire.creator_id),
    creatorName: text(wire.creator_name ?? wire.creatorName),
    creatorDomainId: text(wire.domain_id),
    createdAt: instant(wire.create_time),
    updaterId: text(wire.update_user_id),
    updaterName: text(wire.update_user_name),
    updatedAt: instant(wire.update_time),
    deleted: flag(wire.deleted),
    phase: horizontalPhase(wire.hfl_type),
    platform: learningPlatform(wire.hfl_platform_type),
    algorithm: algorithm(wire.algorithm_type),
    learningTask: learningTask(wire.learning_task_type),
    learningRate: decimal(wire.learning_rate),
    rounds: integer(wire.round),
    epochs: integer(wire.epoch),
    predictsAlone: flag(wire.is_single_predict),
    parameters: jsonText(wire.ext),
    ...formOf(list, type),
  };
}
