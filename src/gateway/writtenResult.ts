import type { ExecutionResult, FormattedExecutionResult, GraphQLError, GraphQLFormattedError } from 'graphql';
import type { LargeParts } from '../graphql/resultBudget.ts';
import { jsonBytes } from './resultBytes.ts';

/** What an error says to the server, in `extensions.http`. */
interface AskedOfHttp {
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  /** The status is for `application/graphql-response+json` only. */
  readonly spec?: boolean;
}

function formatted(error: GraphQLError): GraphQLFormattedError {
  const { extensions, ...rest } = error.toJSON();
  const { http: _, ...told } = extensions ?? {};
  return { ...rest, ...(Object.keys(told).length > 0 && { extensions: told }) };
}

/**
 * A result as it is written: errors say nothing to the server any more. Plain objects: a new `GraphQLError` for each would also
 * take its stack.
 */
export function formattedResult(result: ExecutionResult): FormattedExecutionResult {
  return result.errors === undefined ? result : { ...result, errors: result.errors.map(formatted) };
}

/** Status and headers that the errors of a single result ask for: of several statuses the highest. */
export function responseInit(
  { errors = [] }: ExecutionResult,
  type: string,
): { readonly status: number; readonly headers: Record<string, string> } {
  const headers: Record<string, string> = {};
  let status = 0;
  for (const { extensions } of errors) {
    const asked: AskedOfHttp | undefined = extensions['http'];
    Object.assign(headers, asked?.headers);
    if (asked?.spec !== true || type === 'application/graphql-response+json')
      status = Math.max(status, asked?.status ?? 0);
  }
  return { status: status || 200, headers };
}

const written = new WeakMap<ExecutionResult, string>();

/** The JSON of an event's result, serialized once for all subscribers. */
export function jsonOf(result: ExecutionResult): string {
  const known = written.get(result);
  if (known !== undefined) return known;
  const json = JSON.stringify(formattedResult(result));
  written.set(result, json);
  return json;
}

/** A result with its serializer. */
export type WrittenResult = ExecutionResult & { readonly stringify: (sent?: FormattedExecutionResult) => string };

/** A result that is serialized once for all requests that it answers. */
export function writtenOnce(result: ExecutionResult, largeParts: LargeParts): WrittenResult {
  let json: string | undefined;
  // Typed as a string. Both fronts pass bytes to the socket as they are.
  const write = (sent: FormattedExecutionResult): string =>
    largeParts.size === 0 ? JSON.stringify(sent) : (jsonBytes(sent, largeParts) as unknown as string);
  return Object.assign(result, { stringify: (sent = formattedResult(result)) => (json ??= write(sent)) });
}

/** The JSON of a single result. */
export function textOf(result: ExecutionResult & Partial<WrittenResult>): string {
  const formatted = formattedResult(result);
  return result.stringify === undefined ? JSON.stringify(formatted) : result.stringify(formatted);
}
