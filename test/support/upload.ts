import type { Gateway } from '../../src/gateway/gateway.ts';
import type { GraphQLAnswer } from './gateway.ts';

/** One part of a `multipart/form-data` body: a text, or a file where it has a file name. */
export interface Part {
  readonly name: string;
  readonly fileName?: string;
  readonly content: string | Uint8Array;
}

const boundary = 'boundary-of-the-tests';

/** Frozen: Yoga's own Request writes into the headers that it is given, so it needs a copy. */
export const uploadHeaders: Readonly<Record<string, string>> = Object.freeze({
  'content-type': `multipart/form-data; boundary=${boundary}`,
  'graphql-require-preflight': '1',
  accept: 'application/graphql-response+json',
});

/** The header of a part. */
export function partHead({ name, fileName }: Omit<Part, 'content'>): string {
  return (
    `--${boundary}\r\ncontent-disposition: form-data; name="${name}"` +
    (fileName === undefined ? '' : `; filename="${fileName}"\r\ncontent-type: application/java-archive`) +
    '\r\n\r\n'
  );
}

/** The end of a body. */
export const bodyEnd = `\r\n--${boundary}--\r\n`;

/** A body with these parts in this order. */
export function bodyOf(parts: readonly Part[]): Buffer<ArrayBuffer> {
  return Buffer.concat([
    ...parts.flatMap((part, index) => [
      Buffer.from((index === 0 ? '' : '\r\n') + partHead(part)),
      Buffer.from(part.content as Uint8Array),
    ]),
    Buffer.from(bodyEnd),
  ]);
}

/** The parts of an operation with a file, which takes the place that `path` names. */
export function partsOf(
  operation: { readonly query: string; readonly variables?: object },
  path: string,
  file: Omit<Part, 'name'>,
): readonly Part[] {
  return [
    { name: 'operations', content: JSON.stringify(operation) },
    { name: 'map', content: JSON.stringify({ 0: [path] }) },
    { name: '0', ...file },
  ];
}

/** Sends an operation with a file over a gateway's `fetch`. */
export async function askWithFile<Data>(
  gateway: Gateway,
  query: string,
  variables: object,
  path: string,
  file: Omit<Part, 'name'>,
  headers: Readonly<Record<string, string>> = {},
): Promise<GraphQLAnswer<Data>> {
  const response = await gateway.fetch('http://gateway.test/graphql', {
    method: 'POST',
    headers: { ...uploadHeaders, ...headers },
    body: bodyOf(partsOf({ query, variables }, path, file)),
  });
  return (await response.json()) as GraphQLAnswer<Data>;
}
