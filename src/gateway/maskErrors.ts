import { GraphQLError, type DocumentNode } from 'graphql';
import { GatewayError, errorCodes, type ErrorCode } from '../errors.ts';
import type { Logger } from '../telemetry/log.ts';
import { placesOfLiterals } from './literalPlaces.ts';
import type { GatewayPlugin } from './plugin.ts';
import { located } from './plugins/useLocations.ts';

/** True for the error of work that ended with its client. */
function isAbort(error: unknown): boolean {
  return error instanceof Error && error.name === 'AbortError';
}

/** Longer messages lose their middle, where values are: the expressions below would take too long. */
const maxMessageLength = 1_000;

function shortened(message: string): string {
  if (message.length <= maxMessageLength) return message;
  return message.slice(0, maxMessageLength / 2) + message.slice(-maxMessageLength / 2);
}

/** Removes the caller's values, which graphql-js repeats in input errors. The location is enough. */
function withoutValues(message: string): string {
  return (
    shortened(message)
      .replace(/(cannot represent (?:a )?(?:non[ -][\w -]+ )?(?:value|an? \w+)): .*$/s, '$1')
      .replace(/Value ".*" does not exist in/s, 'The value does not exist in')
      .replace(/(Expected value of type "[^"]*"), found .*?(; An? \w+ looks like [^;]*)?$/s, '$1$2')
      // Values may contain semicolons: the reason follows the last one.
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

/** Masked errors: masking them again would lose their extensions. */
const masked = new WeakSet<GraphQLError>();

/**
 * Masks an error for callers. GatewayErrors stay as they are, graphql-js's errors lose the caller's values, all others are
 * logged and become INTERNAL.
 */
export function maskError(error: unknown, log: Logger): GraphQLError {
  if (error instanceof GraphQLError && masked.has(error)) return error;
  const original = error instanceof GraphQLError ? (error.originalError ?? error) : error;
  const { nodes, source, positions, path } = error instanceof GraphQLError ? error : {};
  const written = (message: string, extensions: Readonly<Record<string, unknown>>) => {
    const outgoing = located(
      new GraphQLError(message, { nodes, source, positions, path, extensions: { ...extensions } }),
    );
    masked.add(outgoing);
    return outgoing;
  };
  if (original instanceof GatewayError) return written(original.message, original.extensions);
  if (error instanceof GraphQLError && original instanceof GraphQLError)
    return written(withoutValues(error.message), { http: httpOf(error), code: codeOf(error) });
  // Errors after a disconnect are not logged.
  if (!isAbort(original)) log.error({ err: original }, 'internal error');
  return written('The gateway failed. Its operator finds the reason in the log.', { code: codeOf(error) });
}

/**
 * The HTTP status, which Yoga reads from the error and removes from the answer. With `spec` it applies to
 * `application/graphql-response+json` only: errors of the document or its variables, found before any field is executed,
 * are the client's.
 */
function httpOf({ path, nodes, extensions: { http } }: GraphQLError): unknown {
  return path === undefined && nodes !== undefined ? { status: 400, spec: true } : http;
}

/** Masks validation errors, which repeat values too: Yoga masks execution errors only. Says of a literal where it stands. */
export const maskValidation: GatewayPlugin = {
  onValidate:
    ({ params: { documentAST } }) =>
    ({ result, setResult }) => {
      const errors = result as readonly GraphQLError[];
      const places = placesOfLiterals(
        documentAST as DocumentNode,
        errors.flatMap(({ nodes }) => nodes?.[0] ?? []),
      );
      setResult(
        errors.map(({ message, nodes, extensions }) => {
          const place = nodes?.[0] && places.get(nodes[0]);
          const text = withoutValues(message);
          return located(new GraphQLError(place === undefined ? text : `${place}: ${text}`, { nodes, extensions }));
        }),
      );
    },
};
