import { mapMaybePromise } from '../../maybePromise.ts';
import { builder } from '../builder.ts';
import { metricsOf, partnerAliasesOf, resultCountOf, type Run } from '../../tics/instances/instance.ts';
import { runCalls } from './calls.ts';
import { Metrics } from './metrics.ts';
import { Instance } from './type.ts';

function durationOf(run: Run | null): number | null {
  return run?.startedAt && run.endedAt ? Date.parse(run.endedAt) - Date.parse(run.startedAt) : null;
}

// What the rows of lists tell of a run; an agent’s list leaves it out, and it is looked up.
builder.objectFields(Instance, (t) => ({
  startedAt: t.field({
    type: 'DateTime',
    calls: runCalls,
    description: 'When it started.',
    resolve: (instance, _, { loaders }) => mapMaybePromise(loaders.instances.run(instance), (run) => run?.startedAt),
  }),
  endedAt: t.field({
    type: 'DateTime',
    calls: runCalls,
    description: 'When it ended; null while it runs.',
    resolve: (instance, _, { loaders }) => mapMaybePromise(loaders.instances.run(instance), (run) => run?.endedAt),
  }),
  durationMs: t.field({
    type: 'Long',
    calls: runCalls,
    description: 'How long it took from start to end, in milliseconds; null while it runs.',
    resolve: (instance, _, { loaders }) => mapMaybePromise(loaders.instances.run(instance), durationOf),
  }),
  partnerAliases: t.field({
    type: ['String'],
    nullable: { list: true, items: false },
    calls: runCalls,
    description: 'Aliases of the partners that take part.',
    resolve: (instance, _, { loaders }) =>
      mapMaybePromise(loaders.instances.run(instance), (run) => run && partnerAliasesOf(run)),
  }),
  predictsAlone: t.boolean({
    calls: runCalls,
    description: 'Of a prediction: whether one partner predicts alone; else both do.',
    resolve: (instance, _, { loaders }) =>
      mapMaybePromise(loaders.instances.run(instance), (run) => run?.predictsAlone),
  }),
  parameters: t.field({
    type: 'JSON',
    calls: runCalls,
    description: 'What it was started with, an object of any keys; null where it is no JSON, see `parametersText`.',
    resolve: (instance, _, { loaders }) =>
      mapMaybePromise(loaders.instances.run(instance), (run) => run?.parameters.value),
  }),
  parametersText: t.string({
    calls: runCalls,
    description: 'The raw text of `parameters`.',
    resolve: (instance, _, { loaders }) =>
      mapMaybePromise(loaders.instances.run(instance), (run) => run?.parameters.text),
  }),
  metrics: t.field({
    type: Metrics,
    calls: runCalls,
    description: 'How good the model is that it trained or evaluated.',
    resolve: (instance, _, { loaders }) =>
      mapMaybePromise(loaders.instances.run(instance), (run) => run && metricsOf(run)),
  }),
  resultCount: t.field({
    type: 'Long',
    calls: runCalls,
    description: 'The result in short, where it is a number: the number of rows of an analysis.',
    resolve: (instance, _, { loaders }) =>
      mapMaybePromise(loaders.instances.run(instance), (run) => run && resultCountOf(run)),
  }),
  resultText: t.string({
    calls: runCalls,
    description: 'The raw text of the result in short: a number, or metrics as JSON, or nothing.',
    resolve: (instance, _, { loaders }) => mapMaybePromise(loaders.instances.run(instance), (run) => run?.resultText),
  }),
}));
