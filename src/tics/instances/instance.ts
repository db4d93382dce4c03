import type { components } from '../../upstream/generated/agent.d.ts';
import type { Wire } from '../../upstream/json.ts';
import {
  commaList,
  count,
  flag,
  instant,
  integer,
  jsonText,
  text,
  type JsonText,
  type Long,
} from '../../upstream/wire.ts';
import type { OpenEnum } from '../../upstream/openEnum.ts';
import { toMetrics, type Metrics } from './metrics.ts';
import { instanceStatus, instanceType, type instanceStatuses, type instanceTypes } from './enums.ts';

type Schemas = components['schemas'];

/** State of a run. */
export type InstanceStatus = OpenEnum<typeof instanceStatuses>;

/** Status, times and result of a run, from the lists of leagues and jobs. */
export interface Run {
  readonly status: InstanceStatus;
  readonly startedAt: string | null;
  readonly endedAt: string | null;
  /** As written. See {@link partnerAliasesOf}. */
  readonly partners: Wire;
  readonly predictsAlone: boolean | null;
  readonly parameters: JsonText;
  readonly metricsText: string | null;
  readonly resultText: string | null;
}

/** An instance, from its row in any of the lists. */
export interface Instance {
  readonly __typename: 'Instance';
  readonly ticsId: string;
  readonly leagueId: string;
  /** From the row of an agent's list, else the job whose runs were listed. See `jobIdOf`. */
  readonly jobId: string | null;
  readonly jobName: string | null;
  readonly type: OpenEnum<typeof instanceTypes>;
  /** Total number of rounds. */
  readonly roundCount: number | null;
  /** The agent in whose list it was met. */
  readonly agentId: string | null;
  /** In rows of agents' lists only. */
  readonly createdAt: string | null;
  /** Missing in rows of agents' lists. See `run`. */
  readonly run: Run | null;
}

/** The ids of an instance. */
export interface InstanceKey {
  readonly leagueId: string;
  readonly instanceId: string;
}

function toRun(wire: Schemas['LeagueInstanceRow']): Run {
  return {
    status: instanceStatus(wire.status),
    startedAt: instant(wire.start_time),
    endedAt: instant(wire.end_time),
    partners: wire.job_partner,
    predictsAlone: flag(wire.is_single_predict),
    parameters: jsonText(wire.ext),
    metricsText: jsonText(wire.metrics).text,
    resultText: jsonText(wire.result_ext).text,
  };
}

/** Aliases of the partners in a run. */
export function partnerAliasesOf({ partners }: Run): readonly string[] {
  return commaList(partners);
}

/** Metrics of the model that a run trained or evaluated. Some lists have them beside the result only. */
export function metricsOf({ metricsText, resultText }: Run): Metrics | null {
  return toMetrics(metricsText) ?? toMetrics(resultText);
}

/** Number of rows or models in the result, if it is a number. */
export function resultCountOf({ resultText }: Run): Long | null {
  return count(jsonText(resultText).value);
}

/** Reads a row of `listLeagueInstances`, `listJobInstances` or `listModels`, which do not name their job. */
export function toInstance(
  wire: Schemas['LeagueInstanceRow'],
  { leagueId, jobId }: { readonly leagueId: string; readonly jobId?: string | undefined },
): Instance {
  return {
    __typename: 'Instance',
    ticsId: text(wire.id) ?? '',
    leagueId,
    jobId: jobId ?? null,
    jobName: text(wire.job_name),
    type: instanceType(wire.job_instance_type),
    roundCount: integer(wire.round_id),
    agentId: null,
    createdAt: null,
    run: toRun(wire),
  };
}

/** Reads a row of `listAgentInstances`, which lacks the league, and status and times of the run. */
export function toAgentInstance(
  wire: Schemas['AgentInstanceRow'],
  { agentId, leagueId }: { readonly agentId: string; readonly leagueId: string },
): Instance {
  return {
    __typename: 'Instance',
    ticsId: text(wire.id) ?? '',
    leagueId,
    // In the reference's example this is the instance's own id, which names no job.
    jobId: wire.job_id === wire.id ? null : text(wire.job_id),
    jobName: text(wire.job_name),
    type: instanceType(wire.job_ins_type),
    roundCount: integer(wire.round_id),
    agentId: text(wire.node_id) ?? agentId,
    createdAt: instant(wire.create_time),
    run: null,
  };
}
