/** Row-major feature matrix. */
export interface DesignMatrix {
  readonly rows: number;
  readonly width: number;
  readonly values: Float64Array;
}

/** The dot product of each row with the weights. */
export function linearOutputs(
  { width, values }: DesignMatrix,
  weights: Float64Array,
  rows: readonly number[],
): Float64Array {
  const outputs = new Float64Array(rows.length);
  for (let index = 0; index < rows.length; index++) {
    const start = (rows[index] ?? 0) * width;
    let sum = 0;
    for (let column = 0; column < width; column++) sum += (values[start + column] ?? 0) * (weights[column] ?? 0);
    outputs[index] = sum;
  }
  return outputs;
}
