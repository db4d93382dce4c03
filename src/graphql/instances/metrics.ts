import { builder } from '../builder.ts';
import type { Metrics as MetricsShape } from '../../tics/instances/metrics.ts';

export const Metrics = builder.objectRef<MetricsShape>('Metrics').implement({
  description: 'How good a trained or evaluated model is. What was not measured is null.',
  fields: (t) => ({
    round: t.exposeInt('round', { description: 'The round after which it was measured.' }),
    accuracy: t.exposeFloat('accuracy', { description: 'Share of right answers.' }),
    auc: t.exposeFloat('auc', { description: 'Area under the ROC curve.' }),
    f1: t.exposeFloat('f1', { description: 'F1 score: harmonic mean of precision and recall.' }),
    ks: t.exposeFloat('ks', { description: 'Kolmogorov-Smirnov statistic.' }),
    precision: t.exposeFloat('precision', { description: 'Share of the positive answers that are right.' }),
    recall: t.exposeFloat('recall', { description: 'Share of the positive samples that were found.' }),
    all: t.expose('all', {
      type: 'JSON',
      description: 'All metrics by the service’s own names, those without a field here included.',
    }),
  }),
});
