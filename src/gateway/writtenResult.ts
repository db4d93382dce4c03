import type { ExecutionResult } from 'graphql';
import type { LargeParts } from '../graphql/resultBudget.ts';
import { jsonBytes } from './resultBytes.ts';

const written = new WeakMap<ExecutionResult, string>();

/** The JSON of an event's result, serialized once for all subscribers. */
export function jsonOf(result: ExecutionResult): string {
  const known = written.get(result);
  if (known !== undefined) return known;
  const json = JSON.stringify(result);
  written.set(result, json);
  return json;
}

/** A result with its serializer, which Yoga calls. */
export type WrittenResult = ExecutionResult & { readonly stringify: (sent?: ExecutionResult) => string };

/** A result that is serialized once for all requests that it answers. */
export function writtenOnce(result: ExecutionResult, largeParts: LargeParts): WrittenResult {
  let json: string | undefined;
  // Yoga types it as a string. Both fronts pass bytes to the socket as they are.
  const write = (sent: ExecutionResult): string =>
    largeParts.size === 0 ? JSON.stringify(sent) : (jsonBytes(sent, largeParts) as unknown as string);
  return Object.assign(result, { stringify: (sent = result) => (json ??= write(sent)) });
}
