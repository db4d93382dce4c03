import type { EnumRef } from '@pothos/core';
import { builder, type BuilderTypes } from '../builder.ts';
import { GatewayError, errorCodes, type ErrorCode } from '../../errors.ts';
import type { EnumValues } from '../../upstream/openEnum.ts';

type Types = PothosSchemaTypes.ExtendDefaultTypes<BuilderTypes>;

function described<Value extends string>(meanings: Readonly<Record<Value, string>>) {
  return Object.fromEntries(
    Object.entries<string>(meanings).map(([value, meaning]) => [value, { description: meaning }]),
  ) as Readonly<Record<Value, { readonly description: string }>>;
}

/** An enum of our own: its values, each with a description. */
export function closedEnum<Value extends string>(
  name: string,
  description: string,
  meanings: Readonly<Record<Value, string>>,
) {
  return builder.enumType(name, { description, values: described(meanings) });
}

/** An open enum of the service: its known values, and UNKNOWN for those that are not listed yet. */
export function openEnum<Known extends EnumValues>(name: string, description: string, known: Known) {
  return closedEnum<(keyof Known & string) | 'UNKNOWN'>(
    name,
    `${description} The service may add values: they read UNKNOWN, and the raw value is in the field's \`…Text\`.`,
    { ...known, UNKNOWN: 'None of the values above; see the raw value. Not accepted as input.' },
  );
}

/** An open enum field, and beside it `…Text` with the raw value. */
export function openEnumFields<
  Name extends string,
  Value extends string,
  Shape extends Readonly<Record<Name, { readonly value: Value; readonly text: string | null }>>,
>(t: PothosSchemaTypes.FieldBuilder<Types, Shape>, name: Name, type: EnumRef<Types, Value>, description: string) {
  return {
    // Pothos can't see that a generic shape is its parent's.
    [name]: t.field({ type, nullable: false, description, resolve: ((of: Shape) => of[name].value) as never }),
    [`${name}Text`]: t.string({ description: `The raw value of \`${name}\`.`, resolve: (of: Shape) => of[name].text }),
  };
}

/**
 * Enum values as a caller gives them. UNKNOWN can be read, not asked for.
 *
 * @throws GatewayError INVALID_ARGUMENT
 */
export function knownValues<Value extends string>(argument: string, values: readonly (Value | 'UNKNOWN')[]): Value[] {
  if (values.includes('UNKNOWN'))
    throw new GatewayError('INVALID_ARGUMENT', `${argument}: UNKNOWN can't be asked for.`);
  return values as Value[];
}

const descriptions = Object.fromEntries(
  Object.entries(errorCodes).map(([code, { description }]) => [code, description]),
) as Record<ErrorCode, string>;

/** Every stable error code. */
export const ErrorCodeEnum = closedEnum(
  'ErrorCode',
  'The stable codes: of `errors[].extensions.code`, and of all that tells in an answer why something is missing or was not done.',
  descriptions,
);
