import { Random } from '../model/random.ts';
import type { Instance, World } from '../model/world.ts';
import { isHeldOut } from './alignment.ts';
import { fitEncoding } from './encoding.ts';
import { LearningFailure } from './failure.ts';
import { classesOf, labelsFor, targetsOf } from './labels.ts';
import { scaleOf, unscaled } from './model.ts';
import type { ModelParty, TrainedModel } from './model.ts';
import type { Yielding } from '../model/yielding.ts';
import type { Parameters } from './parameters.ts';
import { readAligned } from './parties.ts';
import { LaplaceMechanism } from './privacy.ts';
import type { TrainingResult } from './training.ts';
import { trainVertically } from './verticalTraining.ts';

export async function trainVerticalModel(
  world: World,
  instance: Instance,
  parameters: Parameters,
  yielding: Yielding,
): Promise<{ model: TrainedModel; metrics: TrainingResult['metrics']; recordCount: number }> {
  const { ids, tables, labelParty, labelColumn } = await readAligned(world, instance, parameters, yielding);
  const labelDataset = tables[labelParty]?.dataset.name ?? '';
  const classes = classesOf(labelColumn, labelDataset, parameters);
  const rows = split(ids);
  const random = new Random(`${instance.id}/training`);

  const parties: ModelParty[] = [];
  for (const [party, { dataset, features }] of tables.entries()) {
    parties.push({
      agentId: dataset.agentId,
      datasetName: dataset.name,
      features: features.map(({ column }) => column.name),
      idColumn: parameters.idColumns[dataset.agentId] ?? parameters.idColumn,
      encoding: await fitEncoding(features, rows.training, parameters.crosses, yielding),
      mechanism:
        parameters.privacy && party !== labelParty
          ? new LaplaceMechanism(parameters.privacy, random.fork(`noise/${party}`))
          : undefined,
    });
  }
  if (parties.every(({ features }) => features.length === 0)) throw new LearningFailure('the run has no features');
  await yielding.yieldIfDue();

  const [target] = targetsOf(classes);
  const truth = labelsFor(labelColumn, target);
  const isQuantity = classes.length === 0;
  const scale = isQuantity ? scaleOf(rows.training.map((row) => truth[row] ?? 0)) : unscaled;
  const { models, metrics } = await trainVertically(
    {
      designs: await Promise.all(
        parties.map(({ encoding }, party) => encoding.encode(tables[party]?.features ?? [], ids.length, yielding)),
      ),
      labels: truth.map((value) => (value - scale.mean) / scale.deviation),
      ...rows,
      mechanisms: parties.map(({ mechanism }) => mechanism),
    },
    { ...parameters, rounds: instance.rounds, link: isQuantity ? 'identity' : 'logistic', random },
    yielding,
  );
  const model: TrainedModel = {
    kind: 'vertical',
    instanceId: instance.id,
    classes,
    scale,
    models,
    parties,
    labelParty,
    label: labelColumn.column.name,
  };
  return { model, metrics, recordCount: ids.length };
}

/** Splits rows into training and held-out ones. Too few rows are used for both. */
export function split(ids: readonly string[]): { training: readonly number[]; heldOut: readonly number[] } {
  const all = Array.from(ids.keys());
  const heldOut = all.filter((row) => isHeldOut(ids[row] ?? ''));
  const training = all.filter((row) => !isHeldOut(ids[row] ?? ''));
  return heldOut.length === 0 || training.length === 0 ? { training: all, heldOut: all } : { training, heldOut };
}
