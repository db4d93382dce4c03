import type { DocumentStore } from '../documentStore.ts';
import type { GatewayPlugin } from '../plugin.ts';

/** Replaces a hash with its document. WebSocket operations use the store directly. */
export function useDocumentStore({ textOf }: DocumentStore): GatewayPlugin {
  return {
    onParams: ({ params, setParams }) => {
      // Other bodies are refused later.
      if (typeof params !== 'object' || params === null) return;
      const query = textOf(params);
      if (query === undefined || (query === params.query && !('documentId' in params))) return;
      const { operationName, variables, extensions } = params;
      setParams({
        query,
        ...(operationName !== undefined && { operationName }),
        ...(variables !== undefined && { variables }),
        ...(extensions !== undefined && { extensions }),
      });
    },
  };
}
