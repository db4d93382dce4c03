import { responsePathAsArray, type GraphQLResolveInfo } from 'graphql';
import type { Report } from '../context.ts';
import { GatewayError } from '../../errors.ts';

/** Takes what is missing in a field's answer into `errors`, at the field's own place. */
export function reportAt(report: Report, { path }: GraphQLResolveInfo) {
  return (error: GatewayError): void => report(error, responsePathAsArray(path));
}

/** The value, or `otherwise` on failure: the failure is then reported in `errors`. */
export function answerOr<Value>(
  asked: Promise<Value>,
  otherwise: Value,
  report: (error: GatewayError) => void,
): Promise<Value> {
  return asked.catch((error: unknown) => {
    if (!(error instanceof GatewayError)) throw error;
    report(error);
    return otherwise;
  });
}
