import { builder } from '../builder.ts';
import { formatId } from '../shared/ids.ts';
import { openEnumFields } from '../shared/enums.ts';
import { InstanceStatus, ResultKind } from './enums.ts';
import { Metrics } from './metrics.ts';
import type {
  Counter as CounterShape,
  InstanceFailure,
  InstanceResult as InstanceResultShape,
  ResultSample as ResultSampleShape,
} from '../../tics/instances/result.ts';

const Counter = builder.objectRef<CounterShape>('Counter').implement({
  description: 'A counter of a run.',
  fields: (t) => ({
    name: t.exposeString('name', {
      nullable: false,
      description: 'Its name, in the service’s words: JOB_OUT_RECORD_CNT counts the records put out.',
    }),
    value: t.expose('value', { type: 'Long', description: 'Its value.' }),
  }),
});

export const InstanceResult = builder.objectRef<InstanceResultShape>('InstanceResult').implement({
  description: 'What a run has made, and where it is kept.',
  fields: (t) => ({
    instanceId: t.id({
      nullable: false,
      description: 'Id of the instance.',
      resolve: ({ leagueId, instanceId }) => formatId('Instance', leagueId, instanceId),
    }),
    jobTicsId: t.exposeString('jobId', { description: 'Raw id of the job that it is a run of.' }),
    metrics: t.expose('metrics', { type: Metrics, description: 'Metrics of the model, if it made one.' }),
    metricsText: t.exposeString('metricsText', { description: 'The raw text of `metrics`, also where it is no JSON.' }),
    storageAgentIds: t.idList({
      resolve: ({ storageAgentIds }) => storageAgentIds.map((id) => formatId('Agent', id)),
      nullable: false,
      description: 'Ids of the agents that keep the result.',
    }),
    storageAgentNames: t.exposeStringList('storageAgentNames', {
      nullable: false,
      description: 'Names of the agents that keep the result.',
    }),
    storageRegionName: t.exposeString('storageRegionName', { description: 'Name of the region that it is kept in.' }),
    path: t.exposeString('path', { description: 'Where the result is there: a path in OBS, or a local file.' }),
    counters: t.field({
      type: [Counter],
      nullable: false,
      description: 'What the run has counted.',
      resolve: ({ counters }) => counters,
    }),
  }),
});

export const ResultSample = builder.objectRef<ResultSampleShape>('ResultSample').implement({
  description: 'The first rows of the result of an analysis, as a table.',
  fields: (t) => ({
    columns: t.exposeStringList('columns', {
      nullable: { list: true, items: false },
      description: 'Names of the columns; null while there is no result, and for what is no analysis.',
    }),
    rows: t.field({
      type: t.listRef(t.listRef('String', { nullable: true }), { nullable: false }),
      description: 'The rows: texts, in the order of the columns.',
      resolve: ({ rows }) => rows,
    }),
    ...openEnumFields(t, 'status', InstanceStatus, 'State of the instance.'),
    ...openEnumFields(t, 'kind', ResultKind, 'Kind of job that the result comes from.'),
    jobTicsId: t.exposeString('jobId', { description: 'Raw id of the job that it is a run of.' }),
    endedAt: t.expose('endedAt', { type: 'DateTime', description: 'When the instance ended.' }),
    durationMs: t.expose('durationMs', { type: 'Long', description: 'How long it ran, in milliseconds.' }),
    path: t.exposeString('path', { description: 'The file that holds the whole result.' }),
    resultText: t.exposeString('resultText', {
      description: 'The raw text that columns and rows were read from, also where it is no JSON.',
    }),
  }),
});

export const InstanceError = builder.objectRef<InstanceFailure>('InstanceError').implement({
  description: 'Why an instance failed or was stopped.',
  fields: (t) => ({
    message: t.exposeString('message', { nullable: false, description: 'The service’s text of it.' }),
  }),
});
