import type { components } from '../../upstream/generated/space.d.ts';
import type { Wire } from '../../upstream/json.ts';
import { memo } from '../../upstream/memo.ts';
import type { Planes } from '../planes/planes.ts';
import { commaList, count, durationMs, instant, record, rows, text, type Long } from '../../upstream/wire.ts';
import { openEnumReader, type OpenEnum } from '../../upstream/openEnum.ts';
import { nodeTypes } from '../leagues/computeNode.ts';
import { instanceStatus, type instanceStatuses } from './enums.ts';

type Schemas = components['schemas'];

const nodeType = openEnumReader(nodeTypes);

/** Details of a task. Which are present depends on the task. */
export interface TaskDetails {
  readonly iterationCount: Long | null;
  readonly collectStartedAt: string | null;
  readonly collectEndedAt: string | null;
  readonly collectDurationMs: Long | null;
  readonly processStartedAt: string | null;
  readonly processEndedAt: string | null;
  readonly processDurationMs: Long | null;
  readonly outputSize: Long | null;
  readonly savedRecordCount: Long | null;
  readonly datasets: readonly string[];
  readonly sql: string | null;
  readonly sqlCheck: string | null;
  readonly fileName: string | null;
  readonly calculationStatus: string | null;
  readonly callMessage: string | null;
  /** The whole document, unchanged. */
  readonly all: Readonly<Record<string, Wire>>;
}

/** One task of a stage. */
export interface ExecutionTask {
  readonly taskId: string | null;
  readonly name: string | null;
  readonly status: OpenEnum<typeof instanceStatuses>;
  readonly upstreamTaskIds: readonly string[];
  readonly startedAt: string | null;
  readonly endedAt: string | null;
  readonly durationMs: Long | null;
  readonly inputCount: Long | null;
  readonly outputCount: Long | null;
  readonly details: TaskDetails | null;
}

/** One stage of a run on one node. */
export interface ExecutionStage {
  readonly stageId: string | null;
  readonly name: string | null;
  readonly upstreamStageIds: readonly string[];
  readonly tasks: readonly ExecutionTask[];
}

/** A node of a round with its tasks. */
export interface ExecutionNode {
  readonly nodeId: string | null;
  readonly name: string | null;
  readonly type: OpenEnum<typeof nodeTypes>;
  readonly partnerAlias: string | null;
  readonly stages: readonly ExecutionStage[];
}

/** Order of tasks. */
export interface ExecutionEdge {
  readonly from: string;
  readonly to: string;
}

/** The execution graph of one round. */
export interface ExecutionGraph {
  readonly round: number | null;
  readonly nodes: readonly ExecutionNode[];
  readonly edges: readonly ExecutionEdge[];
  readonly stageEdges: readonly ExecutionEdge[];
}

function toDetails(raw: Wire): TaskDetails | null {
  const all = record(raw);
  if (Object.keys(all).length === 0) return null;
  return {
    iterationCount: count(all['CURRENT_ITERATION_COUNT']),
    collectStartedAt: instant(all['FIRST_ITERATION_COLLECT_INPUT_START_TIME']),
    collectEndedAt: instant(all['LAST_ITERATION_COLLECT_INPUT_END_TIME']),
    collectDurationMs: durationMs(all['ACCUMULATED_COLLECT_INPUT_TIME']),
    processStartedAt: instant(all['FIRST_ITERATION_PROCESS_INPUT_START_TIME']),
    processEndedAt: instant(all['LAST_ITERATION_PROCESS_INPUT_END_TIME']),
    processDurationMs: durationMs(all['ACCUMULATED_PROCESS_INPUT_TIME']),
    outputSize: count(all['ACCUMULATED_OUTPUT_SIZE']),
    savedRecordCount: count(all['saveResultRecordCount']),
    datasets: commaList(all['datasets']),
    sql: text(all['sql']),
    sqlCheck: text(all['sqlValidateResult']),
    fileName: text(all['filename']),
    calculationStatus: text(all['calculationStatus']),
    callMessage: text(all['callMessage']),
    all,
  };
}

function ids(raw: readonly Wire[] | null | undefined): string[] {
  return rows(raw).flatMap((id) => text(id) ?? []);
}

function toTask(wire: Schemas['ExecutionGraphTask']): ExecutionTask {
  return {
    taskId: text(wire.id),
    name: text(wire.task_name),
    status: instanceStatus(wire.task_status),
    upstreamTaskIds: ids(wire.last_step_task_ins_id),
    startedAt: instant(wire.start_time),
    endedAt: instant(wire.end_time),
    // The name says nanoseconds, the value is milliseconds.
    durationMs: durationMs(wire.exec_duration_nano),
    inputCount: count(wire.task_in_record_cnt),
    outputCount: count(wire.task_out_record_cnt),
    details: toDetails(wire.task_show_info),
  };
}

function toStage(wire: Schemas['ExecutionGraphStage']): ExecutionStage {
  return {
    stageId: text(wire.id),
    name: text(wire.stage_name),
    upstreamStageIds: ids(wire.last_step_stage_id),
    tasks: rows(wire.processors).map(toTask),
  };
}

function toNode(wire: Schemas['ExecutionGraphNode']): ExecutionNode {
  return {
    nodeId: text(wire.node_id),
    name: text(wire.node_name),
    type: nodeType(wire.node_type),
    partnerAlias: text(wire.node_partner_alias),
    stages: rows(wire.stages).map(toStage),
  };
}

interface Step {
  readonly id: string | null;
  readonly upstreamIds: readonly string[];
}

/** Edges with both ends in the graph: whoever draws it need not check. */
function edgesBetween(steps: readonly Step[]): ExecutionEdge[] {
  const known = new Set(steps.map(({ id }) => id));
  return steps.flatMap(({ id, upstreamIds }) =>
    id === null ? [] : upstreamIds.filter((from) => known.has(from)).map((from) => ({ from, to: id })),
  );
}

/** Reads the nodes of a graph. The reference's table nests the list once more than the wire does. */
export function toExecutionGraph(
  round: number | null,
  wire: readonly (Schemas['ExecutionGraphNode'] | null)[] | null | undefined,
): ExecutionGraph {
  const nodes = rows(rows(wire).flat()).map(toNode);
  const stages = nodes.flatMap((node) => node.stages);
  return {
    round,
    nodes,
    edges: edgesBetween(
      stages.flatMap(({ tasks }) =>
        tasks.map(({ taskId, upstreamTaskIds }) => ({ id: taskId, upstreamIds: upstreamTaskIds })),
      ),
    ),
    stageEdges: edgesBetween(
      stages.map(({ stageId, upstreamStageIds }) => ({ id: stageId, upstreamIds: upstreamStageIds })),
    ),
  };
}

/** Reads execution graphs. */
export function createExecutionGraphLoaders({ space }: Planes) {
  return {
    /** `GET …/leagues/{l}/job-instances/{i}/dag` (6.6.2). */
    executionGraph: memo(
      async ({
        leagueId,
        instanceId,
        round,
      }: {
        leagueId: string;
        instanceId: string;
        round: number;
      }): Promise<ExecutionGraph> =>
        toExecutionGraph(
          round,
          await space.read('getExecutionGraph', {
            path: { league_id: leagueId, instance_id: instanceId },
            query: { round_id: round },
          }),
        ),
    ),
  };
}
