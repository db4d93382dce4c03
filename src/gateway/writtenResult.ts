import type { ExecutionResult } from 'graphql';

const written = new WeakMap<ExecutionResult, string>();

/** The JSON of an event's result, serialized once for all subscribers. */
export function jsonOf(result: ExecutionResult): string {
  const known = written.get(result);
  if (known !== undefined) return known;
  const json = JSON.stringify(result);
  written.set(result, json);
  return json;
}
