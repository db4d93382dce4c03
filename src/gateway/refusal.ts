import { GraphQLError, type ExecutionResult } from 'graphql';
import { GatewayError, type ErrorCode } from '../errors.ts';

/** An error by which nothing of a request is executed, with its HTTP status. */
export function refusal(
  code: ErrorCode,
  message: string,
  status = 400,
  headers: Readonly<Record<string, string>> = {},
): GatewayError {
  const error = new GatewayError(code, message);
  error.extensions['http'] = { status, headers };
  return error;
}

/** Yoga reads the HTTP status from there, and takes it out of its own answers. */
export function withoutHttp(error: GraphQLError): GraphQLError {
  const { http, ...extensions } = error.extensions;
  const { message, nodes, source, positions, path } = error;
  return new GraphQLError(message, { nodes, source, positions, path, extensions });
}

/** Errors of a socket's operation name their request in `extensions`: there is no header that could. */
export function withRequestId(result: ExecutionResult, requestId: string): ExecutionResult {
  return result.errors === undefined
    ? result
    : { ...result, errors: result.errors.map(withoutHttp), extensions: { ...result.extensions, requestId } };
}
