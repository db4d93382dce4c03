import { builder } from '../builder.ts';
import { formatOptionalId } from '../shared/ids.ts';
import { openEnumFields } from '../shared/enums.ts';
import { ComputeNodeType } from '../leagues/computeNode.ts';
import { InstanceStatus } from './enums.ts';
import type {
  ExecutionEdge as ExecutionEdgeShape,
  ExecutionGraph as ExecutionGraphShape,
  ExecutionNode as ExecutionNodeShape,
  ExecutionStage as ExecutionStageShape,
  ExecutionTask as ExecutionTaskShape,
  TaskDetails as TaskDetailsShape,
} from '../../tics/instances/executionGraph.ts';

const TaskDetails = builder.objectRef<TaskDetailsShape>('ExecutionTaskDetails').implement({
  description: 'What a task shows of itself. Which of it there is depends on the task.',
  fields: (t) => ({
    iterationCount: t.expose('iterationCount', { type: 'Long', description: 'How many iterations it has made.' }),
    collectStartedAt: t.expose('collectStartedAt', {
      type: 'DateTime',
      description: 'When it began to collect its input, in its first iteration.',
    }),
    collectEndedAt: t.expose('collectEndedAt', {
      type: 'DateTime',
      description: 'When it had collected its input, in its last iteration.',
    }),
    collectDurationMs: t.expose('collectDurationMs', {
      type: 'Long',
      description: 'How long it collected input, over all iterations, in milliseconds.',
    }),
    processStartedAt: t.expose('processStartedAt', {
      type: 'DateTime',
      description: 'When it began to process its input, in its first iteration.',
    }),
    processEndedAt: t.expose('processEndedAt', {
      type: 'DateTime',
      description: 'When it had processed its input, in its last iteration.',
    }),
    processDurationMs: t.expose('processDurationMs', {
      type: 'Long',
      description: 'How long it processed input, over all iterations, in milliseconds.',
    }),
    outputSize: t.expose('outputSize', { type: 'Long', description: 'How much it put out, over all iterations.' }),
    savedRecordCount: t.expose('savedRecordCount', { type: 'Long', description: 'How many records it saved.' }),
    datasets: t.exposeStringList('datasets', {
      nullable: { list: true, items: false },
      description: 'Names of the datasets that it reads.',
    }),
    sql: t.exposeString('sql', { description: 'The statement that it runs.' }),
    sqlCheck: t.exposeString('sqlCheck', {
      description: 'Result of checking the statement against the privacy rules, in the service’s words.',
    }),
    fileName: t.exposeString('fileName', { description: 'The file that it writes.' }),
    calculationStatus: t.exposeString('calculationStatus', {
      description: 'How the calculation stands, in the service’s words.',
    }),
    callMessage: t.exposeString('callMessage', {
      description: 'What the task last said of itself, in the service’s words.',
    }),
    all: t.expose('all', {
      type: 'JSON',
      description: 'All of it by the service’s own names, what has no field here included.',
    }),
  }),
});

const ExecutionTask = builder.objectRef<ExecutionTaskShape>('ExecutionTask').implement({
  description: 'A task: the smallest step of a run.',
  fields: (t) => ({
    taskTicsId: t.exposeString('taskId', { description: 'Id of the task, with the node that runs it.' }),
    name: t.exposeString('name', { description: 'Name of the task.' }),
    ...openEnumFields(t, 'status', InstanceStatus, 'State of the task.'),
    upstreamTaskTicsIds: t.exposeStringList('upstreamTaskIds', {
      nullable: false,
      description: 'Ids of the tasks that it waits for, perhaps on other nodes.',
    }),
    startedAt: t.expose('startedAt', { type: 'DateTime', description: 'When the task began.' }),
    endedAt: t.expose('endedAt', { type: 'DateTime', description: 'When the task ended.' }),
    durationMs: t.expose('durationMs', { type: 'Long', description: 'How long the task took, in milliseconds.' }),
    inputCount: t.expose('inputCount', { type: 'Long', description: 'How many records went in.' }),
    outputCount: t.expose('outputCount', { type: 'Long', description: 'How many records came out.' }),
    details: t.expose('details', { type: TaskDetails, description: 'What the task shows of itself, if anything.' }),
  }),
});

const ExecutionStage = builder.objectRef<ExecutionStageShape>('ExecutionStage').implement({
  description: 'A stage: tasks that belong together, on one node.',
  fields: (t) => ({
    stageTicsId: t.exposeString('stageId', { description: 'Id of the stage, unique in its graph.' }),
    name: t.exposeString('name', { description: 'Name of the stage.' }),
    upstreamStageTicsIds: t.exposeStringList('upstreamStageIds', {
      nullable: false,
      description: 'Ids of the stages that it waits for, perhaps on other nodes.',
    }),
    tasks: t.field({
      type: [ExecutionTask],
      nullable: false,
      description: 'The tasks of the stage.',
      resolve: ({ tasks }) => tasks,
    }),
  }),
});

const ExecutionNode = builder.objectRef<ExecutionNodeShape>('ExecutionNode').implement({
  description: 'A node that takes part in a round of a run, and what it does there.',
  fields: (t) => ({
    nodeTicsId: t.exposeString('nodeId', {
      description: 'Raw id of the node: of an agent, or the word AGG for the aggregator.',
    }),
    agentId: t.id({
      description: 'Id of the agent; null for other nodes.',
      resolve: ({ type, nodeId }) => (type.value === 'AGENT' ? formatOptionalId('Agent', nodeId) : null),
    }),
    name: t.exposeString('name', { description: 'Name of the node.' }),
    ...openEnumFields(t, 'type', ComputeNodeType, 'Kind of the node.'),
    partnerAlias: t.exposeString('partnerAlias', {
      description: 'Alias of the partner that the node belongs to; empty for an aggregator.',
    }),
    stages: t.field({
      type: [ExecutionStage],
      nullable: false,
      description: 'The stages that run on the node.',
      resolve: ({ stages }) => stages,
    }),
  }),
});

const ExecutionEdge = builder.objectRef<ExecutionEdgeShape>('ExecutionEdge').implement({
  description: 'What comes after what. Both ends are in the graph.',
  fields: (t) => ({
    from: t.exposeString('from', { nullable: false, description: 'Id of what comes first.' }),
    to: t.exposeString('to', { nullable: false, description: 'Id of what waits for it.' }),
  }),
});

export const ExecutionGraph = builder.objectRef<ExecutionGraphShape>('ExecutionGraph').implement({
  description:
    'Who does what in one round of a run, and in which order. Nodes hold stages, stages hold tasks; edges cross both.',
  fields: (t) => ({
    round: t.exposeInt('round', { description: 'Number of the round.' }),
    nodes: t.field({
      type: [ExecutionNode],
      nullable: false,
      description: 'The nodes that take part; none while the round has not begun.',
      resolve: ({ nodes }) => nodes,
    }),
    edges: t.field({
      type: [ExecutionEdge],
      nullable: false,
      description: 'The order of the tasks, by their `taskTicsId`.',
      resolve: ({ edges }) => edges,
    }),
    stageEdges: t.field({
      type: [ExecutionEdge],
      nullable: false,
      description: 'The order of the stages, by their `stageTicsId`.',
      resolve: ({ stageEdges }) => stageEdges,
    }),
  }),
});
