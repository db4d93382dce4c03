import { collectSubFields } from '@graphql-tools/utils';
import { getNamedType, isObjectType, type FieldNode, type GraphQLOutputType, type GraphQLResolveInfo } from 'graphql';

/** True when the operation selects this field of a resolver's result, such as `instance.metrics`, through fragments too, and does not skip it. */
export function selects(
  { schema, fragments, variableValues, returnType, fieldNodes }: GraphQLResolveInfo,
  path: string,
): boolean {
  const isSelected = (from: GraphQLOutputType, nodes: readonly FieldNode[], [name, ...rest]: string[]): boolean => {
    const type = getNamedType(from);
    if (name === undefined) return true;
    if (!isObjectType(type)) return false;
    const { fields, patches } = collectSubFields(schema, fragments, variableValues, type, [...nodes]);
    // Nothing of an event is deferred.
    const all = [fields, ...patches.map((patch) => patch.fields)].flatMap((some) => [...some.values()].flat());
    const selected = all.filter((node) => node.name.value === name);
    const field = type.getFields()[name];
    return field !== undefined && selected.length > 0 && isSelected(field.type, selected, rest);
  };
  return isSelected(returnType, fieldNodes, path.split('.'));
}
