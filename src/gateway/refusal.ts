import { GraphQLError, type ExecutionResult } from 'graphql';
import { GatewayError, type ErrorCode } from '../errors.ts';
import { located } from './plugins/useLocations.ts';

/** An error that refuses a whole request, with its HTTP status. */
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

/** Yoga reads the HTTP status from `extensions.http` and removes it from its own answers. */
export function withoutHttp(error: GraphQLError): GraphQLError {
  const { http, ...extensions } = error.extensions;
  const { message, nodes, source, positions, path } = error;
  return located(new GraphQLError(message, { nodes, source, positions, path, extensions }));
}

/** Adds the request id to errors of a WebSocket operation, which has no response headers. */
export function withRequestId(result: ExecutionResult, requestId: string): ExecutionResult {
  return result.errors === undefined
    ? result
    : { ...result, errors: result.errors.map(withoutHttp), extensions: { ...result.extensions, requestId } };
}
