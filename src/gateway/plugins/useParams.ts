import {
  getOperationAST,
  Kind,
  OperationTypeNode,
  type DocumentNode,
  type FragmentDefinitionNode,
  type SelectionSetNode,
} from 'graphql';
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

export function isParameter(name: string): name is keyof typeof parameters {
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

/** @param fragments - each is looked at once, and then no longer there: they may spread themselves */
function hasCondition({ selections }: SelectionSetNode, fragments: Map<string, FragmentDefinitionNode>): boolean {
  return selections.some((selection) => {
    if (selection.directives?.some(({ name: { value } }) => value === 'skip' || value === 'include')) return true;
    if (selection.kind === Kind.INLINE_FRAGMENT) return hasCondition(selection.selectionSet, fragments);
    if (selection.kind === Kind.FIELD) return false;
    const spread = fragments.get(selection.name.value);
    fragments.delete(selection.name.value);
    return spread !== undefined && hasCondition(spread.selectionSet, fragments);
  });
}

/**
 * The field of a subscription can't be left out (GraphQL, 5.2.4.1). graphql-js fails where it is, and takes variables of its
 * conditions for missing.
 */
function refuseConditions(document: DocumentNode, operationName: string | null | undefined): void {
  const operation = getOperationAST(document, operationName);
  if (operation?.operation !== OperationTypeNode.SUBSCRIPTION) return;
  const fragments = document.definitions.filter((definition) => definition.kind === Kind.FRAGMENT_DEFINITION);
  if (hasCondition(operation.selectionSet, new Map(fragments.map((fragment) => [fragment.name.value, fragment]))))
    throw refusal('GRAPHQL_VALIDATION_FAILED', 'The field of a subscription takes no @skip and no @include.');
}

/**
 * Refuses malformed GraphQL-over-HTTP requests with 400, whatever the media type; an invalid document is 200 for
 * `application/json`. Refuses documents without the requested operation, too.
 */
export const useParams: GatewayPlugin = {
  onParams: ({ params, setParams }) => {
    // Yoga refuses arrays.
    if (!isMap(params)) return;
    refuseMalformed(params);
    // Some clients send an empty name for none.
    if (params.operationName === '') setParams({ ...params, operationName: undefined });
  },
  onParse:
    () =>
    ({ result, context }) => {
      const { params } = context as WithParams;
      if (result instanceof Error) return;
      const document = result as DocumentNode;
      if (getOperationAST(document, params?.operationName)) return refuseConditions(document, params?.operationName);
      throw refusal(
        'BAD_REQUEST',
        'The document has no operation of that name, or several of which none is named. Name one in operationName.',
      );
    },
};
