import type { Stage } from './gateway.ts';

/** A user error with all its fields. */
export interface UserError {
  readonly code: string;
  readonly message: string;
  readonly field: readonly string[] | null;
  readonly call: string | null;
  readonly upstreamCode: string | null;
}

/** Selects all fields of user errors. */
export const userErrorFields = 'userErrors { code message field call upstreamCode }';

/** Sends one mutation whose input type is `<Name>Input`, and answers its payload; `userErrors` are selected always. */
export async function mutate<Payload>(
  stage: Stage,
  name: string,
  input: object,
  selection = '',
): Promise<Payload & { readonly userErrors: readonly UserError[] }> {
  const inputType = `${name.charAt(0).toUpperCase()}${name.slice(1)}Input`;
  const { result } = await stage.data<{ result: Payload & { readonly userErrors: readonly UserError[] } }>(
    `mutation ($input: ${inputType}!) {
      result: ${name}(input: $input) { ${selection} ${userErrorFields} }
    }`,
    { input },
  );
  return result;
}
