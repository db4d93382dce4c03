import { GraphQLError } from 'graphql';
import { GatewayError, type ErrorCode } from './errors.ts';
import type { Logger } from './log.ts';

/** graphql-js repeats what a caller sent in its input errors; the place of the value is enough to find it. */
const withoutValues = (message: string): string =>
  message
    .replace(
      /got invalid value .*?(; |( at "[^"]*"; ))/s,
      (_, _end, at: string | undefined) => `got an invalid value${at ?? '; '}`,
    )
    .replace(/(cannot represent (?:a )?(?:non[ -]\w+ )?(?:value|an? \w+)): .*$/s, '$1');

/** The stable code of any error that an answer or a log line shows. */
export const codeOf = (error: unknown): string => {
  const original = error instanceof GraphQLError ? (error.originalError ?? error) : error;
  if (!(original instanceof GraphQLError)) return 'INTERNAL' satisfies ErrorCode;
  const { code } = original.extensions;
  return typeof code === 'string' ? code : ('BAD_REQUEST' satisfies ErrorCode);
};

/**
 * What of an error goes out: the gateway's own errors as they are, graphql-js's without the caller's values, and of
 * anything else only that it happened. The rest goes to the log.
 */
export const maskError = (error: unknown, log: Logger): Error => {
  const original = error instanceof GraphQLError ? (error.originalError ?? error) : error;
  const { nodes, source, positions, path } = error instanceof GraphQLError ? error : {};
  const written = (message: string, extensions: Readonly<Record<string, unknown>>) =>
    new GraphQLError(message, { nodes, source, positions, path, extensions: { ...extensions } });
  if (original instanceof GatewayError) return written(original.message, original.extensions);
  if (error instanceof GraphQLError && original instanceof GraphQLError)
    return written(withoutValues(error.message), { ...httpOf(original), code: codeOf(error) });
  log.error({ err: original }, 'internal error');
  return written('The gateway failed. Its operator finds the reason in the log.', { code: codeOf(error) });
};

/** Yoga's wish for an HTTP status, which it reads from the error and keeps out of the answer. */
const httpOf = ({ extensions: { http } }: GraphQLError): object => (http === undefined ? {} : { http });
