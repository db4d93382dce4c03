import type { LinearModel } from './logisticRegression.ts';

/** Federated averaging, weighted by rows. */
export function average(models: readonly { readonly model: LinearModel; readonly rows: number }[]): LinearModel {
  const total = models.reduce((sum, { rows }) => sum + rows, 0);
  const [first] = models;
  if (!first || total === 0) throw new RangeError('there is nothing to average');
  const weights = first.model.weights.map((own) => new Float64Array(own.length));
  let bias = 0;
  for (const { model, rows } of models) {
    const share = rows / total;
    bias += share * model.bias;
    weights.forEach((mean, party) => {
      const own = model.weights[party];
      mean.forEach((value, column) => (mean[column] = value + share * (own?.[column] ?? 0)));
    });
  }
  return { weights, bias };
}
