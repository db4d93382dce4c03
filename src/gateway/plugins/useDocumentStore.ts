import type { DocumentStore } from '../documentStore.ts';
import type { GatewayPlugin } from '../plugin.ts';

/** Puts the text of a document in the place of its hash. WebSocket's operations ask the store themselves. */
export function useDocumentStore({ textOf }: DocumentStore): GatewayPlugin {
  return {
    onParams: ({ params, setParams }) => {
      // Some bodies are no objects: what is wrong with them is told later.
      if (typeof params !== 'object' || params === null) return;
      const query = textOf(params);
      if (query === undefined || query === params.query) return;
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
