import { isDeepStrictEqual } from 'node:util';

/** Where two values differ first, and how; undefined where they are deeply equal. */
export function differenceOf(actual: unknown, expected: unknown, path = 'data'): string | undefined {
  if (isDeepStrictEqual(actual, expected)) return undefined;
  if (typeof actual === 'object' && typeof expected === 'object' && actual !== null && expected !== null) {
    const [one, other] = [actual, expected] as [Record<string, unknown>, Record<string, unknown>];
    for (const name of new Set([...Object.keys(one), ...Object.keys(other)])) {
      const difference = differenceOf(one[name], other[name], `${path}.${name}`);
      if (difference !== undefined) return difference;
    }
  }
  return `${path} is ${JSON.stringify(actual)?.slice(0, 200)} instead of ${JSON.stringify(expected)?.slice(0, 200)}`;
}

/** What is wrong with the body of an answer, or undefined. */
export function faultOf(body: Buffer, reference: unknown): string | undefined {
  let answer: { readonly data?: unknown; readonly errors?: unknown };
  try {
    answer = JSON.parse(body.toString()) as typeof answer;
  } catch {
    return `no JSON: ${body.toString().slice(0, 300)}`;
  }
  if (answer.errors !== undefined) return `errors: ${JSON.stringify(answer.errors).slice(0, 600)}`;
  return differenceOf(answer.data, reference);
}
