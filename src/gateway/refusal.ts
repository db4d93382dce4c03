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
