import {
  isEnumType,
  isInputObjectType,
  isInterfaceType,
  isIntrospectionType,
  isObjectType,
  isSpecifiedScalarType,
  type GraphQLNamedType,
  type GraphQLSchema,
} from 'graphql';

interface Described {
  readonly description?: string | null | undefined;
}

/** A sentence about costs alone tells nobody what a field is. */
function isBare({ description }: Described): boolean {
  return !description || /^(Costs|Sends) /.test(description);
}

function partsOf(type: GraphQLNamedType): readonly (readonly [string, Described])[] {
  if (isEnumType(type)) return type.getValues().map((value) => [`${type.name}.${value.name}`, value]);
  if (isInputObjectType(type))
    return Object.values(type.getFields()).map((field) => [`${type.name}.${field.name}`, field]);
  if (!isObjectType(type) && !isInterfaceType(type)) return [];
  return Object.values(type.getFields()).flatMap((field) => [
    [`${type.name}.${field.name}`, field] as const,
    ...field.args.map((argument) => [`${type.name}.${field.name}(${argument.name}:)`, argument] as const),
  ]);
}

/** Types, fields, arguments and enum values without a description of what they are, by their coordinates. */
export function undescribed(schema: GraphQLSchema): readonly string[] {
  return Object.values(schema.getTypeMap())
    .filter((type) => !isIntrospectionType(type) && !isSpecifiedScalarType(type))
    .flatMap((type) => [[type.name, type] as const, ...partsOf(type)])
    .filter(([, described]) => isBare(described))
    .map(([coordinate]) => coordinate);
}
