import { GatewayError } from '../../errors.ts';
import type { components } from '../../upstream/generated/agent.d.ts';
import { parseLosslessJson, type Wire } from '../../upstream/json.ts';
import { memo } from '../../upstream/memo.ts';
import type { Planes } from '../planes/planes.ts';
import type { AgentClient } from '../../upstream/rest.ts';
import { cleanText } from '../../upstream/secrets.ts';
import { commaList, count, durationMs, instant, jsonText, record, text, type Long } from '../../upstream/wire.ts';
import type { OpenEnum } from '../../upstream/openEnum.ts';
import type { InstanceKey } from './instance.ts';
import { toMetrics, type Metrics } from './metrics.ts';
import { instanceStatus, resultKind, type instanceStatuses, type resultKinds } from './enums.ts';

type Schemas = components['schemas'];

/** One counter of a run. */
export interface Counter {
  readonly name: string;
  readonly value: Long | null;
}

/** Output of a run, and where it is stored. */
export interface InstanceResult extends InstanceKey {
  readonly jobId: string | null;
  readonly metrics: Metrics | null;
  readonly metricsText: string | null;
  readonly storageAgentIds: readonly string[];
  readonly storageAgentNames: readonly string[];
  readonly storageRegionName: string | null;
  readonly path: string | null;
  readonly counters: readonly Counter[];
}

/** The first rows of the result of an analysis. */
export interface ResultSample extends InstanceKey {
  readonly status: OpenEnum<typeof instanceStatuses>;
  readonly kind: OpenEnum<typeof resultKinds>;
  readonly jobId: string | null;
  readonly endedAt: string | null;
  /** Null while there is no result. */
  readonly columns: readonly string[] | null;
  readonly rows: readonly (readonly (string | null)[])[] | null;
  readonly path: string | null;
  readonly durationMs: Long | null;
  readonly resultText: string | null;
}

/** Why a run failed. */
export interface InstanceFailure {
  readonly message: string;
}

function toResult({ leagueId, instanceId }: InstanceKey, wire: Schemas['InstanceResult']): InstanceResult {
  return {
    leagueId,
    instanceId: text(wire.job_ins_id) ?? instanceId,
    jobId: text(wire.job_id),
    metrics: toMetrics(wire.ext),
    metricsText: jsonText(wire.ext).text,
    storageAgentIds: commaList(wire.result_storage_agent_id),
    storageAgentNames: commaList(wire.result_storage_agent_name),
    storageRegionName: text(wire.result_storage_region_name),
    path: text(wire.obs_path),
    counters: Object.entries(record(wire.counter_map)).map(([name, value]) => ({ name, value: count(value) })),
  };
}

function cells(row: Wire): (string | null)[] {
  return Array.isArray(row) ? row.map(text) : [];
}

function toSample({ leagueId, instanceId }: InstanceKey, wire: Schemas['ResultSample']): ResultSample {
  const result = jsonText(wire.result, parseLosslessJson);
  const { records, obs_path: path, execute_time: executeTime } = record(result.value);
  const [header, ...rest] = Array.isArray(records) ? (records as readonly Wire[]) : [];
  return {
    leagueId,
    instanceId,
    status: instanceStatus(wire.status),
    kind: resultKind(wire.result_type),
    jobId: text(wire.job_id),
    endedAt: instant(wire.finish_time),
    columns: header === undefined ? null : cells(header).map((name) => name ?? ''),
    rows: header === undefined ? null : rest.map(cells),
    path: text(path),
    durationMs: durationMs(executeTime),
    resultText: result.text,
  };
}

function notKnownThere(error: unknown): boolean {
  return error instanceof GatewayError && error.code === 'NOT_FOUND';
}

/** Reads results, samples of results, and why there is no result. */
export function createResultLoaders(planes: Planes) {
  /** `GET …/job-instances/{i}/result` (7.11.2). */
  const result = memo(async (key: InstanceKey): Promise<InstanceResult> =>
    toResult(
      key,
      await planes.ofLeague(key.leagueId, (agent) =>
        agent.read('getInstanceResult', { path: { league_id: key.leagueId, instance_id: key.instanceId } }),
      ),
    ),
  );

  /**
   * `GET /v1/agents/{a}/job-instances/{i}/sample` (7.5.1). An agent knows only the instances in which it takes part, and
   * no list names them: when one does not know the instance, the next agent of the league is asked.
   */
  const sample = memo(
    async ({
      leagueId,
      instanceId,
      agentId,
    }: InstanceKey & { readonly agentId: string | null }): Promise<ResultSample> => {
      const asked = new Set<string>();
      const ask = async (agent: AgentClient, askedId: string): Promise<ResultSample> => {
        asked.add(askedId);
        const path = { agent_id: askedId, instance_id: instanceId };
        return toSample({ leagueId, instanceId }, await agent.read('getResultSample', { path }));
      };
      let failure: unknown;
      try {
        return await planes.ofLeague(leagueId, ask, agentId ?? undefined);
      } catch (error) {
        if (!notKnownThere(error)) throw error;
        failure = error;
      }
      for (const other of planes.configuredAgentIds) {
        if (asked.has(other) || (await planes.leagueOf(other)) !== leagueId) continue;
        try {
          return await planes.ofLeague(leagueId, ask, other);
        } catch (error) {
          if (!notKnownThere(error)) failure = error;
        }
      }
      throw failure;
    },
  );

  /** `GET …/job-instances/{i}/error-info` (7.11.4). Null when there is no text, as for a run that did not fail. */
  const failure = memo(async ({ leagueId, instanceId }: InstanceKey): Promise<InstanceFailure | null> => {
    const { error_info: info } = await planes.ofLeague(leagueId, (agent) =>
      agent.read('getInstanceError', { path: { league_id: leagueId, instance_id: instanceId } }),
    );
    const message = text(info);
    return message ? { message: cleanText(message) } : null;
  });

  return { result, sample, failure };
}
