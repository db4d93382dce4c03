import { taskTime } from '../contract/formats.ts';
import { Random } from '../model/random.ts';
import type { Dataset, Instance, NodeType, RunStatus, World } from '../model/world.ts';
import { recordsRead } from './synthetic.ts';
import { resultRecordCount } from './result.ts';
import { stepsOf } from './steps.ts';
import type { Step } from './steps.ts';

export interface GraphTask {
  readonly id: string;
  readonly name: string;
  readonly upstreamTaskIds: readonly string[];
  readonly status: RunStatus;
  /** Undefined before the start. */
  readonly startedAtMs: number | undefined;
  readonly endedAtMs: number | undefined;
  readonly durationMs: number;
  readonly inputCount: number;
  readonly outputCount: number;
  /** Properties as the service displays them. */
  readonly info: Readonly<Record<string, string>>;
}

export interface GraphStage {
  readonly id: number;
  readonly name: string;
  readonly upstreamStageIds: readonly number[];
  readonly tasks: readonly GraphTask[];
}

export interface GraphNode {
  /** An agent's id, or `AGG`. */
  readonly id: string;
  readonly name: string;
  readonly type: NodeType;
  readonly partnerAlias: string;
  readonly stages: readonly GraphStage[];
}

const aggregatorId = 'AGG';

/** A task before tasks are grouped into stages and nodes. */
interface PlacedTask extends GraphTask {
  readonly nodeId: string;
  readonly stageName: string;
}

/** The execution graph of a round at this moment. Empty before the round starts. */
export function executionGraph(world: World, instance: Instance, round: number): GraphNode[] {
  if (instance.runningAtMs === undefined || round < 1 || round > world.roundOf(instance)) return [];
  const tasks = layOut(world, instance, round);
  const stages = groupIntoStages(tasks);
  return [...instance.agentIds, aggregatorId]
    .map((nodeId): GraphNode => {
      const agent = world.agent(nodeId);
      return {
        id: nodeId,
        name: agent?.name ?? nodeId,
        type: agent ? 'AGENT' : 'AGG',
        partnerAlias: agent ? world.aliasOfAgent(nodeId) : '',
        stages: stages.filter((stage) => stage.nodeId === nodeId),
      };
    })
    .filter(({ stages: own }) => own.length > 0);
}

/** All tasks of the round with their node, predecessors and times. */
function layOut(world: World, instance: Instance, round: number): PlacedTask[] {
  const random = new Random(`${instance.id}/graph/${round}`);
  const sliceMs = instance.runMs / instance.rounds;
  const roundStartMs = (instance.runningAtMs ?? 0) + (round - 1) * sliceMs;
  const steps = stepsOf(world, instance);
  // A failing run fails in its last round, at a step that takes the remaining time.
  const failsAt =
    instance.finalStatus === 'FAILED' && round === instance.rounds
      ? steps.findLastIndex((step, index) => (instance.intercepted ? step.checksPrivacy : index < steps.length - 1))
      : -1;
  const timed = failsAt === -1 ? steps : steps.slice(0, failsAt + 1);
  const shares = timed.reduce((sum, { share }) => sum + share, 0);
  const nowMs = Math.min(world.clock.now(), instance.endedAtMs ?? Infinity);

  const tasks: PlacedTask[] = [];
  let previous: PlacedTask[] = [];
  let startMs = roundStartMs;
  for (const [index, step] of steps.entries()) {
    const lengthMs = (step.share / shares) * sliceMs;
    const nodeIds = nodesOf(step, instance);
    const current = nodeIds.map((nodeId, position): PlacedTask => {
      const own = previous.filter((task) => task.nodeId === nodeId);
      const upstream = step.place === 'EACH' && own.length > 0 ? own : previous;
      const fails = index === failsAt && position === 0;
      const jitter = nodeIds.length > 1 && position > 0 ? 0.75 + 0.25 * random.next() : 1;
      const span = { fromMs: Math.round(startMs), untilMs: Math.round(startMs + lengthMs * jitter) };
      const outputCount = outputOf(world, instance, step, nodeId);
      // A step of a short run may take less than a millisecond.
      const progress = nowMs >= span.untilMs ? 1 : (nowMs - span.fromMs) / (span.untilMs - span.fromMs);
      // Steps after the failing one stay NEW.
      const status = index < timed.length ? statusOf(instance, span, nowMs, fails) : 'NEW';
      const started = status !== 'NEW';
      const ended = span.untilMs <= nowMs ? span.untilMs : status === 'TERMINATED' ? nowMs : undefined;
      const passed = started ? progress : 0;
      const task = {
        nodeId,
        stageName: step.stage,
        id: `${step.className}_@${nodeId}#${random.id().slice(0, 4)}`,
        name: step.name,
        upstreamTaskIds: upstream.map(({ id }) => id),
        status,
        startedAtMs: started ? span.fromMs : undefined,
        endedAtMs: started ? ended : undefined,
        durationMs: started ? (ended ?? nowMs) - span.fromMs : 0,
        inputCount: started ? upstream.reduce((sum, { outputCount: count }) => sum + count, 0) : 0,
        outputCount: fails ? 0 : Math.floor(outputCount * passed),
      };
      return { ...task, info: started ? infoOf(world, instance, step, task) : {} };
    });
    tasks.push(...current);
    previous = current;
    startMs += lengthMs;
  }
  return tasks;
}

function nodesOf({ place, labelAgentId }: Step, { agentId, agentIds }: Instance): readonly string[] {
  switch (place) {
    case 'EACH':
      return agentIds;
    case 'AGG':
      return [aggregatorId];
    case 'STARTER':
      return [agentId];
    case 'LABEL':
      return [labelAgentId ?? agentId];
  }
}

function statusOf(
  { status }: Instance,
  { fromMs, untilMs }: { fromMs: number; untilMs: number },
  nowMs: number,
  fails: boolean,
): RunStatus {
  if (nowMs < fromMs) return 'NEW';
  if (untilMs <= nowMs) return fails && status === 'FAILED' ? 'FAILED' : 'SUCCEEDED';
  if (status === 'TERMINATING' || status === 'TERMINATED') return status;
  return 'RUNNING';
}

function datasetsAt(world: World, { datasetIds }: Instance, agentId: string): Dataset[] {
  return datasetIds
    .map((id) => world.dataset(id))
    .filter((dataset) => dataset !== undefined)
    .filter((dataset) => dataset.agentId === agentId);
}

function outputOf(world: World, instance: Instance, step: Step, nodeId: string): number {
  switch (step.output) {
    case 'NONE':
      return 0;
    case 'RESULT':
      return resultRecordCount(world, instance);
    case 'RECORDS':
      return datasetsAt(world, instance, nodeId).reduce((sum, dataset) => sum + recordsRead(instance, dataset), 0);
  }
}

function infoOf(
  world: World,
  instance: Instance,
  step: Step,
  task: Omit<PlacedTask, 'info'>,
): Readonly<Record<string, string>> {
  const startedAtMs = task.startedAtMs ?? 0;
  const lastAtMs = task.endedAtMs ?? startedAtMs + task.durationMs;
  const collectMs = Math.floor(task.durationMs / 50);
  const job = world.job(instance.jobId);
  const datasetNames = datasetsAt(world, instance, task.nodeId).map(({ name }) => name);
  return {
    CURRENT_ITERATION_COUNT: '1',
    FIRST_ITERATION_COLLECT_INPUT_START_TIME: taskTime(startedAtMs),
    LAST_ITERATION_COLLECT_INPUT_END_TIME: taskTime(startedAtMs + collectMs),
    FIRST_ITERATION_PROCESS_INPUT_START_TIME: taskTime(startedAtMs + collectMs),
    LAST_ITERATION_PROCESS_INPUT_END_TIME: taskTime(lastAtMs),
    ACCUMULATED_COLLECT_INPUT_TIME: `${collectMs}ms`,
    ACCUMULATED_PROCESS_INPUT_TIME: `${task.durationMs - collectMs}ms`,
    ACCUMULATED_OUTPUT_SIZE: String(task.outputCount),
    ...(datasetNames.length > 0 && step.output === 'RECORDS' && { datasets: datasetNames.join(',') }),
    ...(step.showsSql && job?.type === 'SQL' && { sql: job.sql }),
    ...(step.checksPrivacy && { sqlValidateResult: task.status === 'FAILED' ? 'fail' : 'success' }),
    ...(step.saves && task.status === 'SUCCEEDED' && { saveResultRecordCount: String(task.inputCount) }),
    ...(step.place === 'AGG' && { calculationStatus: String(task.status !== 'SUCCEEDED') }),
  };
}

/** Consecutive tasks of a node with the same heading form a stage. Stages are numbered across the graph. */
function groupIntoStages(tasks: readonly PlacedTask[]): (GraphStage & { readonly nodeId: string })[] {
  const groups = new Map<string, { id: number; tasks: PlacedTask[] }>();
  const stageIdOfTask = new Map<string, number>();
  for (const task of tasks) {
    const key = `${task.nodeId}/${task.stageName}`;
    const group = groups.get(key) ?? { id: groups.size + 1, tasks: [] };
    group.tasks.push(task);
    groups.set(key, group);
    stageIdOfTask.set(task.id, group.id);
  }
  return [...groups.values()].map(({ id, tasks: own }) => {
    const [{ nodeId, stageName } = { nodeId: '', stageName: '' }] = own;
    const upstream = own.flatMap(({ upstreamTaskIds }) => upstreamTaskIds.map((taskId) => stageIdOfTask.get(taskId)));
    return {
      id,
      nodeId,
      name: `${stageName}_${id}`,
      upstreamStageIds: [...new Set(upstream)].filter((other) => other !== undefined && other !== id) as number[],
      tasks: own,
    };
  });
}
