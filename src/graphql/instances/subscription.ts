import { builder } from '../builder.ts';
import type { Context } from '../context.ts';
import { GatewayError } from '../../errors.ts';
import { cannotAnswer } from '../leagues/calls.ts';
import { formatId, parseId } from '../shared/ids.ts';
import { forgetReads } from '../shared/mutations.ts';
import { found } from '../shared/node.ts';
import { selects } from '../shared/selection.ts';
import { addStatusFields, afterDescription, startOf } from '../shared/statusChange.ts';
import type { InstanceState, StatusEvent } from '../../status/types.ts';
import { InstanceStatus } from './enums.ts';
import { InstanceProgress } from './progress.ts';
import { InstanceError, InstanceResult } from './result.ts';
import type { Instance as InstanceShape, InstanceKey } from '../../tics/instances/instance.ts';
import { instanceById } from './calls.ts';
import { Instance } from './type.ts';
import { instanceStatus } from '../../tics/instances/enums.ts';
import { LightSignal, type Signal } from '../../upstream/deadline.ts';

function keyIn({ leagueId, instanceId }: InstanceState): InstanceKey {
  return { leagueId, instanceId };
}

/** Events of a league without known runs are of none. */
function isOfRun({ instanceId }: InstanceState): boolean {
  return instanceId !== '';
}

const InstanceStatusChange = builder.objectRef<StatusEvent<InstanceState>>('InstanceStatusChange').implement({
  description: 'The state of a run as it was seen: the present one at first, then each change.',
  fields: (t) => ({
    status: t.field({
      type: InstanceStatus,
      nullable: false,
      description: 'State of the run; UNKNOWN where `instanceId` is null.',
      resolve: ({ state }) => instanceStatus(state.status).value,
    }),
    previousStatus: t.field({
      type: InstanceStatus,
      description: 'The state of the event before; null in the first event of a run.',
      resolve: ({ previousStatus }) => (previousStatus === null ? null : instanceStatus(previousStatus).value),
    }),
    instanceId: t.id({
      description:
        'Id of the run, which costs nothing. Null in `leagueInstances` where no run is known: in the SNAPSHOT_END of a league without runs, and while polls fail from the beginning.',
      resolve: ({ state }) => (isOfRun(state) ? formatId('Instance', state.leagueId, state.instanceId) : null),
    }),
    instance: t.field({
      type: Instance,
      calls: instanceById,
      description: 'The run, read once for this event and shared by all its subscribers.',
      resolve: ({ state }, _, { loaders }) =>
        isOfRun(state) ? found(loaders.instances.byId(state.leagueId, state.instanceId)) : null,
    }),
    progress: t.field({
      type: InstanceProgress,
      calls: [
        { call: 'listJobInstances', per: 'object', onlyWhen: 'in `leagueInstances`' },
        { call: 'getExecutionGraph', per: 'object', atMost: 3, onlyWhen: 'in `leagueInstances`' },
      ],
      description:
        'How far it has got. Selecting it in `instanceStatus` adds events for its changes. In `leagueInstances` it is read for each event, once for all who are told of it.',
      resolve: ({ state }, _, { loaders }) =>
        isOfRun(state) ? (state.progress ?? loaders.instances.progressNow(keyIn(state))) : null,
    }),
    result: t.field({
      type: InstanceResult,
      calls: [{ call: 'getInstanceResult', per: 'object', onlyWhen: 'when it has succeeded' }],
      description: 'What it has made; null before it has succeeded. Read once for all subscribers.',
      resolve: ({ state }, _, { loaders }) =>
        state.status === 'SUCCEEDED' ? loaders.instances.result(keyIn(state)) : null,
    }),
    error: t.field({
      type: InstanceError,
      calls: [{ call: 'getInstanceError', per: 'object', onlyWhen: 'when it has failed or was stopped' }],
      description: 'Why it failed or was stopped; null before that. Read once for all subscribers.',
      resolve: ({ state }, _, { loaders }) =>
        ['FAILED', 'TERMINATED'].includes(state.status) ? loaders.instances.failure(keyIn(state)) : null,
    }),
  }),
});
addStatusFields(InstanceStatusChange, ({ gap, state: { leagueId, instanceId } }) =>
  gap?.watched === 'LEAGUE' ? formatId('League', leagueId) : formatId('Instance', leagueId, instanceId),
);

function keyOf(id: string): InstanceKey {
  const [leagueId, instanceId] = parseId('Instance', id);
  return { leagueId, instanceId };
}

/** The job of a league's runs, as its id names it. */
function jobIdIn(leagueId: string, job: string): string {
  const [league, , jobId] = parseId('Job', job);
  if (league !== leagueId) throw new GatewayError('INVALID_ARGUMENT', 'jobId: a job of this league.');
  return jobId;
}

/** What changes while the state stays the same: who asks for any of it is told of it. */
const whatProgresses = [
  'progress',
  'instance.progress',
  'instance.executionGraph',
  'instance.metrics',
  'instance.report',
];

builder.subscriptionFields((t) => ({
  instanceStatus: t.field({
    type: InstanceStatusChange,
    nullable: false,
    calls: [
      { call: 'getInstanceStatus', per: 'object' },
      { call: 'listLeagueInstances', per: 'league', onlyWhen: 'instead, for several runs of a league' },
      { call: 'listJobInstances', per: 'object', onlyWhen: 'for progress' },
      { call: 'getExecutionGraph', per: 'object', onlyWhen: 'for progress' },
    ],
    description:
      'A run: its present state at once, each change, and at its end a `final` event, with which the stream completes. Changes are those of its state; and of its round, its tasks and its metrics for whoever asks for `progress`, or for the `executionGraph`, `metrics` or `report` of the `instance`.',
    args: {
      id: t.arg.id({ required: true, description: '`Instance:<league>/<instance>`.' }),
      after: t.arg.string({ description: afterDescription }),
    },
    subscribe: (_, { id, ...from }, context, info) =>
      context.watches.instance(
        context.scope,
        { ...keyOf(id), withProgress: whatProgresses.some((path) => selects(info, path)) },
        startOf(from, context, info),
      ),
    resolve: (event) => event,
  }),
  leagueInstances: t.field({
    type: InstanceStatusChange,
    nullable: false,
    calls: [
      { call: 'listLeagueInstances', per: 'object' },
      { call: 'listJobInstances', per: 'object', onlyWhen: cannotAnswer },
    ],
    description:
      'The newest 100 runs of a league, or of one of its jobs: those that have not ended and the 20 that ended last at once, then each change of the state or the metrics of any of them, new ones included. A run that you hold as under way, and that has not come by SNAPSHOT_END, has ended: read it again, or subscribe with `since`. It goes on until it is ended.',
    args: {
      leagueId: t.arg.id({ required: true, description: '`League:<league>`, or the raw TICS id.' }),
      jobId: t.arg.id({ description: 'Only runs of this job: `Job:<league>/<sql|hfl|vfl|predict>/<job>`.' }),
      after: t.arg.string({ description: afterDescription }),
      since: t.arg({
        type: 'DateTime',
        description:
          'In place of the 20 that ended last, all that ended since then: when your page was loaded, say. Clients that reconnect by themselves send it again.',
      }),
    },
    subscribe: (_, { leagueId: league, jobId: job, ...from }, context, info) => {
      const leagueId = parseId('League', league)[0];
      return context.watches.league(
        context.scope,
        { leagueId, ...(job && { jobId: jobIdIn(leagueId, job) }) },
        startOf(from, context, info),
      );
    },
    resolve: (event) => event,
  }),
}));

const maxWaitSeconds = 300;

/** Ends after so long, or with the operation. */
function timeUpAfter(seconds: number, operation: Signal) {
  const signal = new LightSignal();
  const end = (): void => signal.abort();
  const timer = setTimeout(end, seconds * 1000);
  operation.addEventListener('abort', end, { once: true });
  return {
    signal,
    clear: (): void => {
      clearTimeout(timer);
      operation.removeEventListener('abort', end);
    },
  };
}

/** Waits for the end of a run or of the time, whichever comes first. */
async function awaitEnd(key: InstanceKey, seconds: number, context: Context): Promise<InstanceShape> {
  const { deadline } = context.operation;
  if (seconds < 0 || seconds > maxWaitSeconds)
    throw new GatewayError('INVALID_ARGUMENT', `waitSeconds: 0 to ${maxWaitSeconds} seconds.`);
  deadline.extend(seconds * 1000);
  const { signal, clear } = timeUpAfter(seconds, deadline.signal);
  try {
    for await (const { isFinal } of context.watches.instance(context.scope, key, { signal })) if (isFinal) break;
  } catch (error) {
    // Whatever a look met with: when the time is up, reading the run tells it too.
    if (!signal.aborted) throw error;
  } finally {
    clear();
  }
  forgetReads(context);
  return found(context.loaders.instances.byId(key.leagueId, key.instanceId));
}

builder.queryFields((t) => ({
  waitForInstance: t.field({
    type: Instance,
    calls: [
      ...instanceById,
      { call: 'getInstanceStatus', per: 'object', onlyWhen: 'in an interval, however many watch' },
    ],
    description:
      'A run as it is at its end, or when the time is up: its `listedStatus` was just read. For callers that can’t subscribe. It watches like `instanceStatus`, with others who do, and reads the run when that ends.',
    args: {
      id: t.arg.id({ required: true, description: '`Instance:<league>/<instance>`.' }),
      waitSeconds: t.arg.int({
        defaultValue: 30,
        required: true,
        description: `How many seconds it waits at most: 0 to ${maxWaitSeconds}.`,
      }),
    },
    resolve: (_, { id, waitSeconds }, context) => awaitEnd(keyOf(id), waitSeconds, context),
  }),
}));
