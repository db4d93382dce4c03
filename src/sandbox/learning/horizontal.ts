import { Random } from '../model/random.ts';
import type { Dataset, Instance, Job, World } from '../model/world.ts';
import { fitEncoding } from './encoding.ts';
import type { FeatureColumn } from './encoding.ts';
import { LearningFailure } from './failure.ts';
import { trainHorizontally } from './horizontalTraining.ts';
import { classesOf, labelsFor, targetsOf } from './labels.ts';
import { scaleOf, unscaled } from './model.ts';
import type { TrainedModel } from './model.ts';
import type { Yielding } from '../model/yielding.ts';
import type { Parameters } from './parameters.ts';
import { chosenFeatures, datasetsOf, labelIn } from './parties.ts';
import { columnOf, distinctFeatures, readTable } from './tables.ts';
import type { Table } from './tables.ts';
import type { TrainingResult } from './training.ts';
import { split } from './vertical.ts';

/** Trains a horizontal model, from scratch or from `initial`. */
export async function trainHorizontalModel(
  world: World,
  instance: Instance,
  parameters: Parameters,
  yielding: Yielding,
  initial?: TrainedModel,
): Promise<{ model: TrainedModel; metrics: TrainingResult['metrics']; recordCount: number }> {
  const datasets = datasetsOf(world, instance, parameters.datasets);
  const { party: labelParty, label } = labelIn(datasets, parameters);
  const features = commonFeatures(datasets, parameters, labelParty, label);
  const tables = await Promise.all(
    datasets.map((dataset) => readTable(world, { dataset, features, others: [label], yielding })),
  );
  const rows = tables.map(({ ids }) => split(ids));
  await yielding.yieldIfDue();

  const labelDataset = datasets[labelParty]?.name ?? '';
  const classes = initial?.classes ?? classesOf(labelOf(tables), labelDataset, { ...parameters, mayBeMany: true });
  const targets = targetsOf(classes);
  const isQuantity = classes.length === 0;
  // Agents exchange sums and counts for this, never rows.
  const { columns, training } = pooled(tables, rows);
  const encoding =
    initial?.parties[0]?.encoding ?? (await fitEncoding(columns, training, parameters.crosses, yielding));
  const scale = isQuantity ? (initial?.scale ?? scaleOf([...labelsFor(labelOf(tables), undefined)])) : unscaled;
  const truthOf = ({ others }: Table): Float64Array[] =>
    targets.map((target) =>
      labelsFor(others[0] ?? labelOf(tables), target).map((value) => (value - scale.mean) / scale.deviation),
    );
  const agents = await Promise.all(
    tables.map(async (table, agent) => ({
      design: await encoding.encode(table.features, table.ids.length, yielding),
      labels: truthOf(table),
      training: rows[agent]?.training ?? [],
    })),
  );
  await yielding.yieldIfDue();
  const { models, metrics } = await trainHorizontally(
    agents,
    agents.flatMap(({ design, labels }, agent) =>
      measuresWith(datasets, agent, parameters) ? [{ design, labels, rows: rows[agent]?.heldOut ?? [] }] : [],
    ),
    {
      ...parameters,
      rounds: instance.rounds,
      link: isQuantity ? 'identity' : 'logistic',
      random: new Random(`${instance.id}/training`),
    },
    yielding,
    initial?.models,
  );
  const model: TrainedModel = {
    kind: 'horizontal',
    instanceId: instance.id,
    classes,
    scale,
    models,
    label,
    parties: [{ agentId: '', datasetName: '', features, idColumn: undefined, encoding, mechanism: undefined }],
    labelParty: 0,
  };
  return { model, metrics, recordCount: tables.reduce((sum, { ids }) => sum + ids.length, 0) };
}

function measuresWith(datasets: readonly Dataset[], agent: number, { evaluationDatasetName }: Parameters): boolean {
  return (
    datasets[agent]?.name === evaluationDatasetName || datasets.every(({ name }) => name !== evaluationDatasetName)
  );
}

/** The run whose weights a horizontal job starts from: result paths contain its id. */
export function initialInstanceIdOf(job: Job | undefined): string | undefined {
  if (job?.type !== 'HFL') return undefined;
  return /(?:^|[^0-9a-f])([0-9a-f]{32})\/[^/]*$/.exec(job.initialWeightUrl ?? '')?.[1];
}

/** All datasets must have the features of the one with the label. */
function commonFeatures(
  datasets: readonly Dataset[],
  parameters: Parameters,
  labelParty: number,
  label: string,
): readonly string[] {
  const first = datasets[labelParty];
  const features = first ? distinctFeatures(first, chosenFeatures(parameters, first), label) : [];
  if (features.length === 0) throw new LearningFailure('the run has no features');
  for (const dataset of datasets) for (const name of features) columnOf(dataset, name);
  return features;
}

/** Concatenates the rows of all agents. */
function pooled(
  tables: readonly Table[],
  rows: readonly { readonly training: readonly number[] }[],
): { columns: readonly FeatureColumn[]; training: readonly number[] } {
  const starts = tables.map((_, agent) => tables.slice(0, agent).reduce((sum, { ids }) => sum + ids.length, 0));
  return {
    columns: (tables[0]?.features ?? []).map(({ column }, index) => ({
      column,
      values: tables.flatMap(({ features }) => features[index]?.values ?? []),
    })),
    training: rows.flatMap(({ training }, agent) => training.map((row) => row + (starts[agent] ?? 0))),
  };
}

function labelOf(tables: readonly Table[]): FeatureColumn {
  const [column] = tables[0]?.others ?? [];
  if (!column) throw new LearningFailure('the run has no label');
  return { column: column.column, values: tables.flatMap(({ others }) => others[0]?.values ?? []) };
}
