import type { EnumRef } from '@pothos/core';
import { builder, type BuilderTypes } from '../builder.ts';
import { GatewayError, errorCodes } from '../../errors.ts';
import type { Words } from '../../upstream/words.ts';

type Types = PothosSchemaTypes.ExtendDefaultTypes<BuilderTypes>;

function described<Word extends string>(meanings: Readonly<Record<Word, string>>) {
  return Object.fromEntries(
    Object.entries<string>(meanings).map(([word, meaning]) => [word, { description: meaning }]),
  ) as Readonly<Record<Word, { readonly description: string }>>;
}

/** An enum of our own: its words, each with what it means. */
export function closedEnum<Word extends string>(
  name: string,
  description: string,
  meanings: Readonly<Record<Word, string>>,
) {
  return builder.enumType(name, { description, values: described(meanings) });
}

/** An enum of the service: its known words, and UNKNOWN for the words that nobody has listed yet. */
export function openEnum<Known extends Words>(name: string, description: string, known: Known) {
  return closedEnum<(keyof Known & string) | 'UNKNOWN'>(
    name,
    `${description} The service may add words: they read UNKNOWN, and the raw word stands in the field's \`…Text\`.`,
    { ...known, UNKNOWN: 'None of the words above; see the raw word. Not accepted as input.' },
  );
}

/** A field for a word of the service, and beside it `…Text` for the raw word. */
export function wordFields<
  Name extends string,
  Value extends string,
  Shape extends Readonly<Record<Name, { readonly word: Value; readonly text: string | null }>>,
>(t: PothosSchemaTypes.FieldBuilder<Types, Shape>, name: Name, type: EnumRef<Types, Value>, description: string) {
  return {
    // Pothos can't see that a generic shape is its parent's.
    [name]: t.field({ type, nullable: false, description, resolve: ((of: Shape) => of[name].word) as never }),
    [`${name}Text`]: t.string({ description: `The raw word of \`${name}\`.`, resolve: (of: Shape) => of[name].text }),
  };
}

/**
 * Enum words as a caller gives them: UNKNOWN is something to read, not to ask for.
 *
 * @throws GatewayError INVALID_ARGUMENT
 */
export function knownWords<Value extends string>(argument: string, words: readonly (Value | 'UNKNOWN')[]): Value[] {
  if (words.includes('UNKNOWN')) throw new GatewayError('INVALID_ARGUMENT', `${argument}: UNKNOWN can't be asked for.`);
  return words as Value[];
}

/** Every stable error code. */
export const ErrorCodeEnum = closedEnum(
  'ErrorCode',
  'The stable codes: of `errors[].extensions.code`, and of all that tells in an answer why something is missing or was not done.',
  errorCodes,
);
