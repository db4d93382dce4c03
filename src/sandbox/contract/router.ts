import type { Operation, Plane } from './document.ts';

export type Route =
  | { readonly operation: Operation; readonly path: Readonly<Record<string, string>> }
  | 'unknown path'
  | 'unknown method';

/** Finds the operation of a request. */
export type FindRoute = (plane: Plane, method: string, pathname: string) => Route;

interface Template {
  readonly operation: Operation;
  readonly segments: readonly string[];
}

function firstParameter({ segments }: Template): number {
  const index = segments.findIndex((segment) => segment.startsWith('{'));
  return index === -1 ? segments.length : index;
}

/** Routes requests of the planes' operations. */
export function createRouter(operations: readonly Operation[]): FindRoute {
  const templates: Record<Plane, Template[]> = { iam: [], space: [], agent: [] };
  for (const operation of operations) {
    templates[operation.plane].push({ operation, segments: operation.template.split('/').slice(1) });
  }
  // Literal segments before parameters: `/v1/agents/datasets/x` must not match `/v1/agents/{agent_id}/x`.
  for (const list of Object.values(templates)) list.sort((a, b) => firstParameter(b) - firstParameter(a));

  return (plane, method, pathname) => {
    const segments = pathname.split('/').slice(1);
    let isPathKnown = false;
    for (const { operation, segments: expected } of templates[plane]) {
      if (expected.length !== segments.length) continue;
      const path: Record<string, string> = {};
      const matches = expected.every((segment, index) => {
        const given = segments[index] ?? '';
        if (!segment.startsWith('{')) return segment === given;
        path[segment.slice(1, -1)] = given;
        return given !== '';
      });
      if (!matches) continue;
      if (operation.method === method) return { operation, path };
      isPathKnown = true;
    }
    return isPathKnown ? 'unknown method' : 'unknown path';
  };
}
