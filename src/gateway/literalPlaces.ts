import { isValueNode, Kind, visit, type ASTNode, type DocumentNode } from 'graphql';

type Ancestor = ASTNode | readonly ASTNode[];

/** The place of a literal by what surrounds it, and by the keys that lead from each of these to the next. */
function placeOf(around: readonly Ancestor[], keys: readonly (string | number)[]): string | undefined {
  let owner: string | undefined;
  let names = '';
  for (const [at, node] of around.entries()) {
    if (!('kind' in node)) {
      const list = around[at - 1];
      if (list && 'kind' in list && list.kind === Kind.LIST) names += `[${keys[at]}]`;
    } else if (node.kind === Kind.FIELD) owner = `field "${node.name.value}"`;
    else if (node.kind === Kind.DIRECTIVE) owner = `directive "@${node.name.value}"`;
    else if (node.kind === Kind.ARGUMENT) names = node.name.value;
    else if (node.kind === Kind.OBJECT_FIELD) names += `.${node.name.value}`;
    else if (node.kind === Kind.VARIABLE_DEFINITION) {
      owner = undefined;
      names = `$${node.variable.name.value}`;
    }
  }
  if (names.startsWith('$')) return `Default value of variable "${names}"`;
  return owner === undefined || names === '' ? undefined : `Argument "${names}" of ${owner}`;
}

function isLiteral(node: ASTNode): boolean {
  return node.kind === Kind.OBJECT_FIELD || (isValueNode(node) && node.kind !== Kind.VARIABLE);
}

/**
 * Says of each literal among nodes where it stands, such as `Argument "input.settings" of field "createConnector"`: errors of
 * graphql-js tell its line and column alone.
 */
export function placesOfLiterals(document: DocumentNode, nodes: readonly ASTNode[]): ReadonlyMap<ASTNode, string> {
  const literals = new Set(nodes.filter(isLiteral));
  const places = new Map<ASTNode, string>();
  if (literals.size === 0) return places;
  visit(document, {
    enter: (node, _key, parent, path, ancestors) => {
      const place = parent && literals.has(node) ? placeOf([...ancestors, parent, node], path) : undefined;
      if (place !== undefined) places.set(node, place);
    },
  });
  return places;
}
