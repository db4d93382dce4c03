import { GraphQLError } from 'graphql';
import { GatewayError, errorCodes, type ErrorCode } from '../errors.ts';
import type { Logger } from '../telemetry/log.ts';
import type { GatewayPlugin } from './plugin.ts';

/** The error of work that ended because the client disconnected. */
function isAbort(error: unknown): boolean {
  return error instanceof Error && error.name === 'AbortError';
}

/** Of a longer message its two ends are kept: values stand in its middle, and expressions take long with them. */
const longestMessage = 1_000;

function shortened(message: string): string {
  if (message.length <= longestMessage) return message;
  return message.slice(0, longestMessage / 2) + message.slice(-longestMessage / 2);
}

/** Removes the caller's values, which graphql-js repeats in input errors. Their location is enough to find them. */
function withoutValues(message: string): string {
  return (
    shortened(message)
      .replace(/(cannot represent (?:a )?(?:non[ -][\w -]+ )?(?:value|an? \w+)): .*$/s, '$1')
      .replace(/Value ".*" does not exist in/s, 'The value does not exist in')
      .replace(/(Expected value of type "[^"]*"), found .*?(; An? \w+ looks like [^;]*)?$/s, '$1$2')
      // Values may hold semicolons too: what was wrong stands behind the last one.
      .replace(/got invalid value .*?((?: at "[^"]*")?; [^;]*)$/s, 'got an invalid value$1')
      .replace(/got invalid value .*$/s, 'got an invalid value')
  );
}

/** The stable code of any error. */
export function codeOf(error: unknown): ErrorCode {
  const original = error instanceof GraphQLError ? (error.originalError ?? error) : error;
  if (!(original instanceof GraphQLError)) return 'INTERNAL';
  const { code } = original.extensions;
  return typeof code === 'string' && Object.hasOwn(errorCodes, code) ? (code as ErrorCode) : 'BAD_REQUEST';
}

/** Errors that are masked already: masking again would lose their extensions. */
const masked = new WeakSet<GraphQLError>();

/**
 * Masks an error for callers: GatewayErrors stay as they are, graphql-js's errors lose the caller's values, all others become
 * INTERNAL and go to the log.
 */
export function maskError(error: unknown, log: Logger): GraphQLError {
  if (error instanceof GraphQLError && masked.has(error)) return error;
  const original = error instanceof GraphQLError ? (error.originalError ?? error) : error;
  const { nodes, source, positions, path } = error instanceof GraphQLError ? error : {};
  const written = (message: string, extensions: Readonly<Record<string, unknown>>) => {
    const outgoing = new GraphQLError(message, { nodes, source, positions, path, extensions: { ...extensions } });
    masked.add(outgoing);
    return outgoing;
  };
  if (original instanceof GatewayError) return written(original.message, original.extensions);
  if (error instanceof GraphQLError && original instanceof GraphQLError)
    return written(withoutValues(error.message), { http: httpOf(error), code: codeOf(error) });
  // Not for disconnected clients.
  if (!isAbort(original)) log.error({ err: original }, 'internal error');
  return written('The gateway failed. Its operator finds the reason in the log.', { code: codeOf(error) });
}

/**
 * The HTTP status, which Yoga reads from the error and keeps out of the answer. What is wrong with the document before any field
 * of it is executed, such as a variable that does not fit, is the request's own fault: those who take
 * `application/graphql-response+json` learn it from the status (`spec`).
 */
function httpOf({ path, nodes, extensions: { http } }: GraphQLError): unknown {
  return path === undefined && nodes !== undefined ? { status: 400, spec: true } : http;
}

/** Masks validation errors, which repeat values too: Yoga masks execution errors only. */
export const maskValidation: GatewayPlugin = {
  onValidate:
    () =>
    ({ result, setResult }) =>
      setResult(
        (result as readonly GraphQLError[]).map(
          ({ message, nodes, extensions }) => new GraphQLError(withoutValues(message), { nodes, extensions }),
        ),
      ),
};
