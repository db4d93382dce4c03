import type { ExecutionResults } from '../model/execution.ts';
import { Random } from '../model/random.ts';
import type { Dataset, Instance, World } from '../model/world.ts';
import { LearningFailure } from './failure.ts';
import { labelsFor, targetsOf } from './labels.ts';
import { predict } from './logisticRegression.ts';
import type { ModelParty, TrainedModel } from './model.ts';
import type { Yielding } from '../model/yielding.ts';
import type { Parameters } from './parameters.ts';
import { align, datasetsOf } from './parties.ts';
import type { AlignedTables } from './parties.ts';
import { readTable } from './tables.ts';
import { measureModel, requireFinite } from './training.ts';
import { split } from './vertical.ts';

/** Evaluates a model on held-out rows of the datasets. */
export async function evaluate(
  world: World,
  instance: Instance,
  model: TrainedModel,
  parameters: Parameters,
  yielding: Yielding,
): Promise<ExecutionResults> {
  const { modelParties, datasets } = matchDatasets(world, instance, model, parameters);
  const labelHolders = datasets.map(
    (_, index) => model.kind === 'horizontal' || modelParties[index] === model.labelParty,
  );
  const tables = await Promise.all(
    datasets.map((dataset, index) =>
      readTable(world, {
        dataset,
        idColumn: model.parties[modelParties[index] ?? 0]?.idColumn,
        features: model.parties[modelParties[index] ?? 0]?.features ?? [],
        others: labelHolders[index] ? [model.label] : [],
        yielding,
      }),
    ),
  );
  const samples =
    model.kind === 'horizontal' ? tables.map((table) => ({ ids: table.ids, tables: [table] })) : [align(tables)];
  await yielding.yieldIfDue();
  const targets = targetsOf(model.classes);
  const measured = await Promise.all(
    samples.map(async (sample) => {
      const { heldOut } = split(sample.ids);
      const holder = sample.tables.find(({ others }) => others.length > 0)?.others[0];
      if (!holder) throw new LearningFailure(`none of the datasets has the label ${model.label}`);
      return {
        truth: targets.map((target) => {
          const labels = labelsFor(holder, target);
          return Float64Array.from(heldOut, (row) => labels[row] ?? 0);
        }),
        predictions: await predictionsOf(model, sample, modelParties, heldOut, instance, yielding),
      };
    }),
  );
  const joined = (parts: readonly (readonly Float64Array[])[]): Float64Array[] =>
    targets.map((_, target) => Float64Array.from(parts.flatMap((own) => [...(own[target] ?? [])])));
  const truth = joined(measured.map((own) => own.truth));
  const isMeasured = model.classes.length > 0;
  return {
    recordCount: truth[0]?.length ?? 0,
    ...(isMeasured && {
      metrics: [measureModel(truth, joined(measured.map((own) => own.predictions)), parameters.threshold)],
    }),
    modelInstanceId: model.instanceId,
  };
}

const sampleRows = 100;

/**
 * Predicts all aligned records. In single-party prediction, all records of the starting agent; missing columns count as
 * average.
 */
export async function predictRecords(
  world: World,
  instance: Instance,
  model: TrainedModel,
  parameters: Parameters,
  yielding: Yielding,
): Promise<ExecutionResults> {
  const all = matchDatasets(world, instance, model, parameters);
  const own = all.datasets.findIndex(({ agentId }) => agentId === instance.agentId);
  const isSingle = parameters.isSinglePredict && own !== -1;
  const datasets = isSingle ? all.datasets.slice(own, own + 1) : all.datasets;
  const modelParties = isSingle ? all.modelParties.slice(own, own + 1) : all.modelParties;
  const tables = await Promise.all(
    datasets.map((dataset, index) => {
      const { features = [], idColumn } = model.parties[modelParties[index] ?? 0] ?? {};
      return readTable(world, { dataset, idColumn, features, yielding });
    }),
  );
  const sample = align(tables);
  await yielding.yieldIfDue();
  const rows = Array.from(sample.ids.keys());
  const predictions = await predictionsOf(model, sample, modelParties, rows, instance, yielding);
  const [first = new Float64Array()] = predictions;
  const isQuantity = model.classes.length === 0;
  const shown = rows.slice(0, sampleRows).map((row) => {
    const each = predictions.map((values) => Number((values[row] ?? 0).toFixed(6)));
    const id = sample.ids[row] ?? '';
    if (isQuantity) return [id, each[0] ?? 0];
    if (each.length > 1) return [id, Math.max(...each), model.classes[each.indexOf(Math.max(...each))] ?? ''];
    return [id, each[0] ?? 0, model.classes[(each[0] ?? 0) >= parameters.threshold ? 1 : 0] ?? ''];
  });
  return {
    recordCount: first.length,
    sample: { columns: isQuantity ? ['id', 'prediction'] : ['id', 'probability', 'prediction'], rows: shown },
    modelInstanceId: model.instanceId,
  };
}

/** Per target, the predictions for the given rows. */
async function predictionsOf(
  model: TrainedModel,
  { ids, tables }: AlignedTables,
  modelParties: readonly number[],
  rows: readonly number[],
  instance: Instance,
  yielding: Yielding,
): Promise<Float64Array[]> {
  const parties = modelParties.map((index) => model.parties[index]).filter((party) => party !== undefined);
  const taken = parties.slice(0, tables.length);
  const designs = await Promise.all(
    taken.map(({ encoding }, index) => encoding.encode(tables[index]?.features ?? [], ids.length, yielding)),
  );
  const random = new Random(`${instance.id}/noise`);
  return model.models.map(({ weights, bias }) =>
    requireFinite(
      predict(
        { weights: modelParties.slice(0, tables.length).map((index) => weights[index] ?? new Float64Array()), bias },
        designs,
        rows,
        {
          link: model.classes.length === 0 ? 'identity' : 'logistic',
          disclose: (party, outputs) => taken[party]?.mechanism?.inUse(outputs, random) ?? outputs,
        },
      ).map((value) => model.scale.mean + value * model.scale.deviation),
    ),
  );
}

/** Assigns a dataset to each party of the model: by agent and name, else by agent, else by its columns. */
function matchDatasets(
  world: World,
  instance: Instance,
  model: TrainedModel,
  { datasets: named }: Parameters,
): { datasets: readonly Dataset[]; modelParties: readonly number[] } {
  const datasets = datasetsOf(world, instance, named);
  if (model.kind === 'horizontal') return { datasets, modelParties: datasets.map(() => 0) };
  const found = model.parties.map((party) => datasetFor(party, datasets));
  return { datasets: found, modelParties: found.map((_, index) => index) };
}

function datasetFor({ agentId, datasetName, features }: ModelParty, datasets: readonly Dataset[]): Dataset {
  const ofAgent = datasets.filter((dataset) => dataset.agentId === agentId);
  const found =
    ofAgent.find(({ name }) => name === datasetName) ??
    ofAgent[0] ??
    datasets.find(({ columns }) => features.every((name) => columns.some((column) => column.name === name)));
  if (!found)
    throw new LearningFailure(`there is no dataset in the place of ${datasetName}, which the model was trained on`);
  return found;
}
