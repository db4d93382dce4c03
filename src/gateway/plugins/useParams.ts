import { getOperationAST, type DocumentNode } from 'graphql';
import type { GraphQLParams } from 'graphql-yoga';
import { isPersistedQuery } from '../documentStore.ts';
import type { GatewayPlugin } from '../plugin.ts';
import { refusal } from '../refusal.ts';

/** The context of an operation. */
interface WithParams {
  readonly params?: GraphQLParams;
}

function isText(value: unknown): boolean {
  return typeof value === 'string';
}

function isMap(value: unknown): boolean {
  return typeof value === 'object' && !Array.isArray(value);
}

/** Type of each request parameter; null is allowed for all. */
const parameters = {
  query: [isText, 'a string: the document'],
  documentId: [isText, 'a string: the hash of a document'],
  operationName: [isText, 'a string: the name of an operation of the document'],
  variables: [isMap, 'an object: values by the names of variables'],
  extensions: [isMap, 'an object'],
} as const;

function isParameter(name: string): name is keyof typeof parameters {
  return Object.hasOwn(parameters, name);
}

function refuseMalformed(params: GraphQLParams): void {
  for (const [name, value] of Object.entries(params) as [string, unknown][]) {
    if (value === null || value === undefined) continue;
    if (!isParameter(name))
      throw refusal(
        'BAD_REQUEST',
        `A request has the parameters ${Object.keys(parameters).join(', ')}. Send no others.`,
      );
    const [isValid, expected] = parameters[name];
    if (!isValid(value)) throw refusal('BAD_REQUEST', `The parameter ${name} must be ${expected}.`);
  }
  if ((params.query ?? '').trim() === '' && !isPersistedQuery(params))
    throw refusal('BAD_REQUEST', 'The request has no document. Send it as the parameter query.');
}

/**
 * Refuses malformed GraphQL-over-HTTP requests with 400, whatever the media type; an invalid document is 200 for
 * `application/json`. Refuses documents without the requested operation, too.
 */
export const useParams: GatewayPlugin = {
  onParams: ({ params }) => {
    // Yoga refuses arrays.
    if (isMap(params)) refuseMalformed(params);
  },
  onParse:
    () =>
    ({ result, context }) => {
      const { params } = context as WithParams;
      if (result instanceof Error || getOperationAST(result as DocumentNode, params?.operationName)) return;
      throw refusal(
        'BAD_REQUEST',
        'The document has no operation of that name, or several of which none is named. Name one in operationName.',
      );
    },
};
