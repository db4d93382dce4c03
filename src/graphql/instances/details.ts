import { GatewayError } from '../../errors.ts';
import type { Instance as InstanceShape } from '../../tics/instances/instance.ts';
import { builder } from '../builder.ts';
import { progressCalls, sampleCalls } from './calls.ts';
import { ExecutionGraph } from './executionGraph.ts';
import { InstanceProgress } from './progress.ts';
import { InstanceReport } from './report.ts';
import { InstanceError, InstanceResult, ResultSample } from './result.ts';
import { Instance } from './type.ts';

function keyOf({ leagueId, ticsId }: InstanceShape) {
  return { leagueId, instanceId: ticsId };
}

/** Of an execution graph: the round asked for, else the last one. */
function roundOf(instance: InstanceShape, round: number | null | undefined): number {
  if (round !== null && round !== undefined && round < 0)
    throw new GatewayError('INVALID_ARGUMENT', 'round: at least 0.');
  return round ?? Math.max(instance.roundCount ?? 1, 1);
}

// Each of these is a call of its own.
builder.objectFields(Instance, (t) => ({
  result: t.field({
    type: InstanceResult,
    calls: [{ call: 'getInstanceResult', per: 'object' }],
    description: 'What it has made.',
    resolve: (instance, _, { loaders }) => loaders.instances.result(keyOf(instance)),
  }),
  sample: t.field({
    type: ResultSample,
    calls: sampleCalls,
    description:
      'The first rows of the result of an analysis. Only agents that took part have it, so each is asked until one does.',
    resolve: (instance, _, { loaders }) => loaders.instances.sample({ ...keyOf(instance), agentId: instance.agentId }),
  }),
  executionGraph: t.field({
    type: ExecutionGraph,
    calls: [{ call: 'getExecutionGraph', per: 'object' }],
    description: 'Who does what in one round, and in which order.',
    args: {
      round: t.arg.int({
        description:
          'Number of the round, counted from 1, though the service takes 0 too; the last one where it is left out.',
      }),
    },
    resolve: (instance, { round }, { loaders }) =>
      loaders.instances.executionGraph({ ...keyOf(instance), round: roundOf(instance, round) }),
  }),
  progress: t.field({
    type: InstanceProgress,
    calls: progressCalls,
    description: 'How far it has got.',
    resolve: (instance, _, { loaders }) => loaders.instances.progressNow(keyOf(instance)),
  }),
  report: t.field({
    type: InstanceReport,
    calls: [{ call: 'getInstanceReport', per: 'object' }],
    description: 'All that the run tells of itself.',
    resolve: (instance, _, { loaders }) => loaders.instances.report(keyOf(instance)),
  }),
  error: t.field({
    type: InstanceError,
    calls: [{ call: 'getInstanceError', per: 'object' }],
    description: 'Why it failed or was stopped; null where there is nothing to tell.',
    resolve: (instance, _, { loaders }) => loaders.instances.failure(keyOf(instance)),
  }),
}));
