import { responsePathAsArray, type GraphQLResolveInfo } from 'graphql';
import type { Report } from '../context.ts';
import type { GatewayError } from '../errors.ts';

/** Takes what is missing in a field's answer into `errors`, at the field's own place. */
export const reportAt =
  (report: Report, { path }: GraphQLResolveInfo) =>
  (error: GatewayError): void =>
    report(error, responsePathAsArray(path));
