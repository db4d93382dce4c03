import { builder } from '../builder.ts';
import { formatOptionalId } from '../shared/ids.ts';
import { openEnumFields } from '../shared/enums.ts';
import { HorizontalPhase, InstanceStatus, InstanceType } from './enums.ts';
import { ExecutionGraph } from './executionGraph.ts';
import { Metrics } from './metrics.ts';
import type {
  InstanceReport as InstanceReportShape,
  ReportDataset as ReportDatasetShape,
  ReportEnvironment as ReportEnvironmentShape,
  ReportOutput as ReportOutputShape,
} from '../../tics/instances/report.ts';

const ReportDataset = builder.objectRef<ReportDatasetShape>('InstanceReportDataset').implement({
  description: 'A dataset that a run used, and its owner.',
  fields: (t) => ({
    accountName: t.exposeString('accountName', { description: 'Name of the partner’s account.' }),
    partnerAlias: t.exposeString('partnerAlias', { description: 'Alias of the partner in the league.' }),
    datasetName: t.exposeString('datasetName', { description: 'Name of the dataset.' }),
    agentName: t.exposeString('agentName', { description: 'Name of the agent that holds it.' }),
    outputCount: t.expose('outputCount', { type: 'Long', description: 'How many records that agent put out.' }),
  }),
});

const ReportEnvironment = builder.objectRef<ReportEnvironmentShape>('InstanceReportEnvironment').implement({
  description: 'Where a run took place.',
  fields: (t) => ({
    regionTicsId: t.exposeString('regionId', { description: 'Id of the region.' }),
    projectTicsId: t.exposeString('projectId', { description: 'Id of the project.' }),
    leagueId: t.id({
      resolve: ({ leagueId }) => formatOptionalId('League', leagueId),
      description: 'Id of the league.',
    }),
    leagueName: t.exposeString('leagueName', { description: 'Name of the league.' }),
    aggregatorName: t.exposeString('aggregatorName', { description: 'Name of the aggregator.' }),
  }),
});

const ReportOutput = builder.objectRef<ReportOutputShape>('InstanceReportOutput').implement({
  description: 'What a run put out, and who keeps it.',
  fields: (t) => ({
    metrics: t.expose('metrics', { type: Metrics, description: 'Metrics of the model, if it made one.' }),
    extra: t.field({
      type: 'JSON',
      description: 'Whatever else the service tells; null where it is no JSON, see `extraText`.',
      resolve: ({ extra }) => extra.value,
    }),
    extraText: t.string({ description: 'The raw text of `extra`.', resolve: ({ extra }) => extra.text }),
    storagePartnerAliases: t.exposeStringList('storagePartnerAliases', {
      nullable: false,
      description: 'Aliases of the partners that keep the result.',
    }),
    storageAgentNames: t.exposeStringList('storageAgentNames', {
      nullable: false,
      description: 'Names of the agents that keep the result.',
    }),
  }),
});

export const InstanceReport = builder.objectRef<InstanceReportShape>('InstanceReport').implement({
  description: 'All that a run tells of itself: what ran, where, over whose datasets, with what outcome.',
  fields: (t) => ({
    jobName: t.exposeString('jobName', { description: 'Name of the job.' }),
    ...openEnumFields(t, 'status', InstanceStatus, 'State of the run.'),
    ...openEnumFields(t, 'type', InstanceType, 'What was run.'),
    horizontalPhase: t.field({
      type: HorizontalPhase,
      description: 'What a horizontal job did; null for any other.',
      resolve: ({ horizontalPhase }) => horizontalPhase?.value,
    }),
    horizontalPhaseText: t.string({
      description: 'The raw value of `horizontalPhase`.',
      resolve: ({ horizontalPhase }) => horizontalPhase?.text,
    }),
    executorName: t.exposeString('executorName', { description: 'Name of the user who started it.' }),
    startedAt: t.expose('startedAt', { type: 'DateTime', description: 'When it was started.' }),
    datasets: t.field({
      type: [ReportDataset],
      nullable: false,
      description: 'The datasets that were used, of all partners.',
      resolve: ({ datasets }) => datasets,
    }),
    environment: t.expose('environment', { type: ReportEnvironment, description: 'Where it ran.' }),
    output: t.expose('output', { type: ReportOutput, description: 'Its output.' }),
    rounds: t.field({
      type: [ExecutionGraph],
      nullable: false,
      description: 'The execution graph of each round that has begun.',
      resolve: ({ rounds }) => rounds,
    }),
  }),
});
