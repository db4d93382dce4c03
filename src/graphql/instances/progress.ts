import { builder } from '../builder.ts';
import { openEnumFields } from '../shared/enums.ts';
import { InstanceStatus } from './enums.ts';
import { ExecutionGraph } from './executionGraph.ts';
import { Metrics } from './metrics.ts';
import type {
  InstanceProgress as InstanceProgressShape,
  TaskCount as TaskCountShape,
} from '../../tics/instances/progress.ts';
import { isTerminal } from '../../tics/instances/enums.ts';

const TaskCount = builder.objectRef<TaskCountShape>('TaskCount').implement({
  description: 'How many tasks of a round are in one state.',
  fields: (t) => ({
    ...openEnumFields(t, 'status', InstanceStatus, 'The state.'),
    count: t.exposeInt('count', { nullable: false, description: 'How many tasks are in the state.' }),
  }),
});

function sum(counts: readonly TaskCountShape[]): number {
  return counts.reduce((total, { count }) => total + count, 0);
}

export const InstanceProgress = builder.objectRef<InstanceProgressShape>('InstanceProgress').implement({
  description: 'How far a run has got: its round, the tasks of that round’s execution graph, and the last metrics.',
  fields: (t) => ({
    round: t.exposeInt('round', {
      description:
        'The round that it is in, from 1 on, or was in when it ended; null before its first one, and in a stream as long as no graph could be read.',
    }),
    roundCount: t.exposeInt('roundCount', { description: 'How many rounds it runs in all.' }),
    taskCount: t.int({
      nullable: false,
      description: 'How many tasks the round has; 0 where `round` is null.',
      resolve: ({ taskCounts }) => sum(taskCounts),
    }),
    endedTaskCount: t.int({
      nullable: false,
      description: 'How many of the round’s tasks have ended, successfully or not.',
      resolve: ({ taskCounts }) => sum(taskCounts.filter(({ status }) => isTerminal(status))),
    }),
    tasks: t.field({
      type: [TaskCount],
      nullable: false,
      description: 'How many of the round’s tasks are in which state.',
      resolve: ({ taskCounts }) => taskCounts,
    }),
    metrics: t.expose('metrics', {
      type: Metrics,
      description:
        'What was measured after the last round that has ended; null before it, and for what measures nothing.',
    }),
    executionGraph: t.field({
      type: ExecutionGraph,
      calls: [{ call: 'getExecutionGraph', per: 'object' }],
      description: 'Who does what in that round, as it is now.',
      resolve: ({ leagueId, instanceId, round }, _, { loaders }) =>
        round === null ? null : loaders.instances.executionGraph({ leagueId, instanceId, round }),
    }),
  }),
});
