import type { Instance, InstanceType, Job, World } from '../model/world.ts';
import { LearningFailure } from './failure.ts';
import { initialInstanceIdOf, trainHorizontalModel } from './horizontal.ts';
import type { TrainedModel } from './model.ts';
import type { Yielding } from '../model/yielding.ts';
import { parametersOf } from './parameters.ts';
import { trainVerticalModel } from './vertical.ts';

/** Models by the run that trained them. */
const models = new WeakMap<Instance, TrainedModel>();

export function jobOf(world: World, instance: Instance): Job | undefined {
  return instance.jobSnapshot ?? world.job(instance.jobId);
}

/** Trains the model of a run and stores it. */
export async function train(world: World, instance: Instance, yielding: Yielding) {
  const job = jobOf(world, instance);
  const parameters = parametersOf(instance, job);
  const initialId = initialInstanceIdOf(job);
  const initial = initialId === undefined ? undefined : await modelOf(world, instance, initialId, yielding);
  const trained =
    instance.type === 'HFL'
      ? await trainHorizontalModel(world, instance, parameters, yielding, initial)
      : await trainVerticalModel(world, instance, parameters, yielding);
  models.set(instance, trained.model);
  return trained;
}

/** The model of a training run in the same league. Seeded runs have no model: it is trained on first use. */
export async function modelOf(
  world: World,
  { leagueId, type }: Instance,
  instanceId: string,
  yielding: Yielding,
): Promise<TrainedModel> {
  const trainer = world.modelsOfLeague(leagueId).find(({ id }) => id === instanceId);
  if (!trainer) {
    throw new LearningFailure(`there is no model: ${instanceId} is no successful training run of this league`);
  }
  if (trainer.type !== trainingTypeFor(type)) {
    throw new LearningFailure(`the model of ${instanceId} is of another kind: ${trainer.type}`);
  }
  return models.get(trainer) ?? (await train(world, trainer, yielding)).model;
}

/** The default model: the latest of the job, or of the league for horizontal jobs. */
export function latestModelId(world: World, { type, jobId, leagueId }: Instance): string {
  const candidates = type === 'HFL' ? world.modelsOfLeague(leagueId) : world.modelsOfJob(jobId);
  const latest = candidates.find((trainer) => trainer.type === trainingTypeFor(type));
  if (!latest) throw new LearningFailure('no model has been trained yet that could be used');
  return latest.id;
}

function trainingTypeFor(type: InstanceType): InstanceType {
  return type === 'HFL' ? 'HFL' : 'VFL_TRAIN';
}
