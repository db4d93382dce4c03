import SchemaBuilder, { BasePlugin, type PothosOutputFieldConfig, type SchemaTypes } from '@pothos/core';
import {
  getOperationAST,
  Kind,
  type DocumentNode,
  type FragmentDefinitionNode,
  type GraphQLSchema,
  type OperationDefinitionNode,
  type SelectionSetNode,
} from 'graphql';
import type { Role } from '../callers/caller.ts';

declare global {
  // eslint-disable-next-line @typescript-eslint/no-namespace -- Pothos takes the options of plugins from here.
  export namespace PothosSchemaTypes {
    interface Plugins<Types extends SchemaTypes> {
      neededRole: NeededRolePlugin<Types>;
    }
    interface FieldOptions {
      /** The role that a root field needs, VIEWER where it is left out. Its description tells it. */
      role?: Role;
    }
  }
}

const rootTypes = ['Query', 'Mutation', 'Subscription'];

/** Stores `role` in a field's extensions, and appends it to the description. */
class NeededRolePlugin<Types extends SchemaTypes> extends BasePlugin<Types> {
  /** @throws Error for a mutation without a role, and for a role that nothing would check */
  override onOutputFieldConfig(field: PothosOutputFieldConfig<Types>): PothosOutputFieldConfig<Types> {
    const { role } = field.pothosOptions;
    const name = `${field.parentType}.${field.name}`;
    if (role === undefined && field.parentType === 'Mutation') throw new Error(`${name} declares no role.`);
    if (role === undefined) return field;
    if (!rootTypes.includes(field.parentType)) throw new Error(`${name}: roles stand on root fields.`);
    return {
      ...field,
      description: [field.description, `Needs the role ${role}.`].filter(Boolean).join(' '),
      extensions: { ...field.extensions, role },
    };
  }
}

SchemaBuilder.registerPlugin('neededRole', NeededRolePlugin);

/** Names of the fields of a selection set, those of fragments included, whatever `@skip` and `@include` say. */
function namesIn({ selections }: SelectionSetNode, fragments: Map<string, FragmentDefinitionNode>): readonly string[] {
  return selections.flatMap((node) => {
    if (node.kind === Kind.FIELD) return [node.name.value];
    if (node.kind === Kind.INLINE_FRAGMENT) return namesIn(node.selectionSet, fragments);
    const fragment = fragments.get(node.name.value);
    // Each fragment once: fragments that spread others twice multiply.
    fragments.delete(node.name.value);
    return fragment === undefined ? [] : namesIn(fragment.selectionSet, fragments);
  });
}

const known = new WeakMap<OperationDefinitionNode, readonly Role[]>();

/** The roles that an operation needs, all of them. Introspection needs none. Valid documents only. */
export function neededRoles(
  schema: GraphQLSchema,
  document: DocumentNode,
  operationName?: string | null,
): readonly Role[] {
  const operation = getOperationAST(document, operationName);
  if (!operation) return [];
  const before = known.get(operation);
  if (before !== undefined) return before;
  const fragments = new Map(
    document.definitions.flatMap((node) => (node.kind === Kind.FRAGMENT_DEFINITION ? [[node.name.value, node]] : [])),
  );
  const fields = schema.getRootType(operation.operation)?.getFields() ?? {};
  const roles = namesIn(operation.selectionSet, fragments).flatMap((name): readonly Role[] => {
    const field = fields[name];
    return field === undefined ? [] : [(field.extensions['role'] as Role | undefined) ?? 'VIEWER'];
  });
  const needed = [...new Set(roles)];
  known.set(operation, needed);
  return needed;
}
