import type { EnumRef } from '@pothos/core';
import { builder, type BuilderTypes } from '../builder.ts';
import { errorCodes, type ErrorCode } from '../../errors.ts';
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

/**
 * An open enum of the service: its known values, and UNKNOWN for those that are not listed yet.
 * `asInput()` is the enum `<name>Input` for arguments and input fields: the known values only.
 */
export function openEnum<Known extends EnumValues>(name: string, description: string, known: Known) {
  const Output = closedEnum<(keyof Known & string) | 'UNKNOWN'>(name, description, {
    ...known,
    UNKNOWN: 'A value that is not listed here; the field `…Text` has it.',
  });
  let Input: ReturnType<typeof closedEnum<keyof Known & string>> | undefined;
  // Made on first use: the schema prints no input enum that nothing takes.
  return Object.assign(Output, {
    asInput: () => (Input ??= closedEnum<keyof Known & string>(`${name}Input`, description, known)),
  });
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

const descriptions = Object.fromEntries(
  Object.entries(errorCodes).map(([code, { description }]) => [code, description]),
) as Record<ErrorCode, string>;

/** Every stable error code. */
export const ErrorCodeEnum = closedEnum(
  'ErrorCode',
  'The stable codes: of `errors[].extensions.code`, and of all that tells in an answer why something is missing or was not done.',
  descriptions,
);
