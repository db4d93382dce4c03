import { LearningFailure } from './failure.ts';
import { countIn, numberIn, type WireParameters } from './wireParameters.ts';

/** The `dp.*` parameters of a run in which differential privacy is on (7.12.2, VerticalFlExternalParam). */
export interface DifferentialPrivacy {
  readonly epsilon: number;
  /** Range of the lower threshold of outputs. */
  readonly low: readonly [min: number, max: number];
  /** Range of the upper threshold of outputs. */
  readonly high: readonly [min: number, max: number];
  /** Records for which training sees outputs without noise. */
  readonly originalCount: number;
  /** Records after which the thresholds adapt to the outputs seen. */
  readonly adjustCount: number;
}

/** Above, the noise vanishes in rounding; below, nothing but noise is left. */
const epsilonRange = [1e-6, 1e6] as const;

/**
 * Reads the `dp.*` parameters; undefined where `dp.enabled` is not true. The reference gives no ranges: a privacy budget
 * is positive, and the four thresholds stand in order.
 *
 * @throws {LearningFailure}
 */
export function readPrivacy(given: WireParameters): DifferentialPrivacy | undefined {
  if (String(given['dp.enabled']) !== 'true') return undefined;
  const number = (key: string, otherwise: number): number => numberIn(given, key) ?? otherwise;
  const epsilon = number('dp.epsilon', 10);
  if (!(epsilon > 0)) throw new LearningFailure(`dp.epsilon must be greater than 0, not ${epsilon}`);
  const [min, max] = epsilonRange;
  if (epsilon < min || epsilon > max) {
    throw new LearningFailure(`dp.epsilon must be from ${min} to ${max}, not ${epsilon}`);
  }
  const thresholds = [
    ['dp.output.threshold.low.min', number('dp.output.threshold.low.min', -5)],
    ['dp.output.threshold.low.max', number('dp.output.threshold.low.max', -1)],
    ['dp.output.threshold.high.min', number('dp.output.threshold.high.min', 1)],
    ['dp.output.threshold.high.max', number('dp.output.threshold.high.max', 5)],
  ] as const;
  for (const [index, [name, value]] of thresholds.entries()) {
    const next = thresholds[index + 1];
    if (next && value > next[1]) {
      throw new LearningFailure(`${name} (${value}) must not be greater than ${next[0]} (${next[1]})`);
    }
  }
  const [lowMin, lowMax, highMin, highMax] = thresholds.map(([, value]) => value) as [number, number, number, number];
  return {
    epsilon,
    low: [lowMin, lowMax],
    high: [highMin, highMax],
    originalCount: countIn(given, 'dp.backpg.origin.num', 0) ?? 0,
    adjustCount: Math.max(1, countIn(given, 'dp.output.threshold.adjust.num', 0) ?? 1000),
  };
}
