import type { Execution, ExecutionResults } from '../model/execution.ts';
import type { Instance, World } from '../model/world.ts';
import { LearningFailure } from './failure.ts';
import { initialInstanceIdOf } from './horizontal.ts';
import type { TrainedModel } from './model.ts';
import { jobOf, latestModelId, modelOf, train } from './modelStore.ts';
import { ComputeTimeExceeded, Yielding } from '../model/yielding.ts';
import { parametersOf } from './parameters.ts';
import { alignSamples, calculateInformationValues, truncateIds } from './preparation.ts';
import { evaluate, predictRecords } from './inference.ts';

/** Executes a learning run. Rejects when the run was stopped. */
export async function executeLearning(world: World, instance: Instance, signal: AbortSignal): Promise<Execution> {
  try {
    return { kind: 'succeeded', results: await resultsOf(world, instance, new Yielding(signal)) };
  } catch (error) {
    if (error instanceof LearningFailure || error instanceof ComputeTimeExceeded)
      return { kind: 'failed', message: error.message };
    throw error;
  }
}

async function resultsOf(world: World, instance: Instance, yielding: Yielding): Promise<ExecutionResults> {
  const job = jobOf(world, instance);
  const parameters = parametersOf(instance, job);
  const model = (): Promise<TrainedModel> => {
    const id = parameters.modelInstanceId ?? initialInstanceIdOf(job) ?? latestModelId(world, instance);
    return modelOf(world, instance, id, yielding);
  };
  await yielding.yieldIfDue();
  switch (instance.type) {
    case 'HFL':
      if (job?.type === 'HFL' && job.phase === 'EVALUATE') {
        return evaluate(world, instance, await model(), parameters, yielding);
      }
      return trained(world, instance, yielding);
    case 'VFL_TRAIN':
      return trained(world, instance, yielding);
    case 'VFL_ID_TRUNCATION':
      return truncateIds(world, instance, parameters, yielding);
    case 'VFL_SAMPLE_ALIGNMENT':
      return alignSamples(world, instance, parameters, yielding);
    case 'VFL_FEATURE_SELECTION':
      return calculateInformationValues(world, instance, parameters, yielding);
    case 'VFL_EVALUATE':
      return evaluate(world, instance, await model(), parameters, yielding);
    case 'VFL_PREDICT':
      return predictRecords(world, instance, await model(), parameters, yielding);
    case 'SQL':
      throw new LearningFailure('an analysis is no learning run');
  }
}

async function trained(world: World, instance: Instance, yielding: Yielding): Promise<ExecutionResults> {
  const { metrics, recordCount } = await train(world, instance, yielding);
  return { recordCount, metrics };
}
