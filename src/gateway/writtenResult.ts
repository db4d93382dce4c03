import type { ExecutionResult } from 'graphql';

const written = new WeakMap<ExecutionResult, string>();

/** The result of an event as JSON. It is written once, however many subscribers are sent it. */
export function jsonOf(result: ExecutionResult): string {
  const known = written.get(result);
  if (known !== undefined) return known;
  const json = JSON.stringify(result);
  written.set(result, json);
  return json;
}
