import {
  getNamedType,
  isCompositeType,
  isInterfaceType,
  isObjectType,
  isRequiredArgument,
  isUnionType,
  type GraphQLCompositeType,
  type GraphQLField,
  type GraphQLObjectType,
  type GraphQLSchema,
} from 'graphql';
import { callsOf } from '../../src/graphql/calls.ts';

/** Arguments by coordinate, for example `{ 'League.jobs': 'first: 3' }`; null leaves the field out. */
export type SelectionArguments = Readonly<Record<string, string | null>>;

/**
 * Selects everything below a type, one selection for each of its fields: each field under an alias of its own, so that fragments on different types never
 * collide, and no object of a type that stands above it already. Fields that need an argument which is not given are
 * left out and reported to `onSkip`. Of edges, node and
 * cursor are left out too: the nodes are selected anyway.
 */
export function fullSelections(
  schema: GraphQLSchema,
  root: GraphQLObjectType,
  given: SelectionArguments,
  without: readonly string[],
  onSkip: (coordinate: string) => void,
): readonly string[] {
  let aliases = 0;

  const fieldsOf = (type: GraphQLObjectType, above: readonly string[]): string =>
    Object.values(type.getFields())
      .map((field) => fieldText(type, field, above))
      .filter((text) => text !== '')
      .join(' ');

  const objectsOf = (type: GraphQLCompositeType): readonly GraphQLObjectType[] =>
    isInterfaceType(type) || isUnionType(type) ? schema.getPossibleTypes(type) : isObjectType(type) ? [type] : [];

  const selection = (type: GraphQLCompositeType, above: readonly string[]): string => {
    const objects = objectsOf(type).filter(({ name }) => !above.includes(name));
    if (objects.length === 0) return '';
    return isObjectType(type)
      ? fieldsOf(type, [...above, type.name])
      : objects.map((object) => `... on ${object.name} { ${fieldsOf(object, [...above, object.name])} }`).join(' ');
  };

  const fieldText = (
    type: GraphQLObjectType,
    field: GraphQLField<unknown, unknown>,
    above: readonly string[],
  ): string => {
    if (type.name.endsWith('Edge') && ['node', 'cursor'].includes(field.name)) return '';
    const coordinate = `${type.name}.${field.name}`;
    const args = given[coordinate];
    if (args === null) return '';
    if (args === undefined && field.args.some(isRequiredArgument)) {
      onSkip(coordinate);
      return '';
    }
    const target = getNamedType(field.type);
    const below = isCompositeType(target) ? selection(target, above) : undefined;
    if (below === '') return '';
    aliases += 1;
    return `f${aliases}: ${field.name}${args === undefined ? '' : `(${args})`}${below === undefined ? '' : ` { ${below} }`}`;
  };

  return Object.values(root.getFields())
    .map((field) => fieldText(root, field, [root.name, ...without]))
    .filter((text) => text !== '');
}

/**
 * Selects what an object itself tells: its fields and the objects in it, but nothing that costs a call.
 */
export function ownSelection(schema: GraphQLSchema, typeName: string): string {
  const isFree = (field: GraphQLField<unknown, unknown>): boolean =>
    callsOf(field).length === 0 && !field.args.some(isRequiredArgument);

  const fieldsOf = (type: GraphQLObjectType, above: readonly string[]): string =>
    Object.values(type.getFields())
      .filter(isFree)
      .map((field) => {
        const target = getNamedType(field.type);
        if (!isObjectType(target)) return isCompositeType(target) ? '' : field.name;
        const below = above.includes(target.name) ? '' : fieldsOf(target, [...above, target.name]);
        return below === '' ? '' : `${field.name} { ${below} }`;
      })
      .join(' ')
      .trim();

  const type = schema.getType(typeName);
  if (!isObjectType(type)) throw new Error(`there is no object type ${typeName}`);
  return fieldsOf(type, [typeName]);
}
