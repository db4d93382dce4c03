import { builder } from '../builder.ts';
import { GatewayError, errorCodes, type ErrorCode } from '../errors.ts';
import type { Words } from '../upstream/words.ts';

/** An enum of the service: its known words, and UNKNOWN for the words that nobody has listed yet. */
export const openEnum = <Known extends Words>(name: string, description: string, known: Known) =>
  builder.enumType(name, {
    description: `${description} The service may add words: they read UNKNOWN, and the raw word stands in the field's \`…Text\`.`,
    values: Object.fromEntries([
      ...Object.entries(known).map(([word, meaning]) => [word, { description: meaning }]),
      ['UNKNOWN', { description: 'None of the words above; see the raw word. Not accepted as input.' }],
    ]) as Readonly<Record<(keyof Known & string) | 'UNKNOWN', { readonly description: string }>>,
  });

/**
 * Enum words as a caller gives them: UNKNOWN is something to read, not to ask for.
 *
 * @throws GatewayError INVALID_ARGUMENT
 */
export const knownWords = <Value extends string>(argument: string, words: readonly (Value | 'UNKNOWN')[]): Value[] => {
  if (words.includes('UNKNOWN')) throw new GatewayError('INVALID_ARGUMENT', `${argument}: UNKNOWN can't be asked for.`);
  return words as Value[];
};

/** Every stable error code. */
export const ErrorCodeEnum = builder.enumType('ErrorCode', {
  description:
    'The stable codes: of `errors[].extensions.code`, and of all that tells in an answer why something is missing or was not done.',
  values: Object.fromEntries(
    Object.entries(errorCodes).map(([code, meaning]) => [code, { description: meaning }]),
  ) as Readonly<Record<ErrorCode, { readonly description: string }>>,
});
