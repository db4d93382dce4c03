import type { Plugin } from 'graphql-yoga';
import type { Context } from '../../graphql/context.ts';
import { refusal } from '../refusal.ts';

/** The parameters of a request that may name a document in place of sending it. */
interface DocumentReference {
  readonly query?: unknown;
  readonly documentId?: unknown;
  readonly extensions?: unknown;
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null;
}

/** Clients of persisted queries send a hash first, and the text once they read this message. */
export function isPersistedQuery({ query, documentId, extensions }: DocumentReference): boolean {
  const isNamed = (documentId ?? null) !== null || (isObject(extensions) && 'persistedQuery' in extensions);
  return isNamed && (query ?? '') === '';
}

export function persistedQueryNotSupported() {
  return refusal('PERSISTED_QUERY_NOT_SUPPORTED', 'PersistedQueryNotSupported', 200);
}

/** Until documents can be persisted, clients are told to send the text. */
export const usePersistedQueryRefusal: Plugin<Context> = {
  onParams: ({ params }) => {
    if (isObject(params) && isPersistedQuery(params)) throw persistedQueryNotSupported();
  },
};
