import { readFileSync } from 'node:fs';
import { parse } from 'yaml';

/** The services of the embedded TICS. IAM is part of the space plane's contract. */
export type Plane = 'iam' | 'space' | 'agent';

export type Json = null | boolean | number | string | Json[] | { [name: string]: Json };

/** A JSON schema of the contract. */
export interface Schema {
  readonly $ref?: string;
  readonly type?: string | readonly string[];
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly additionalProperties?: boolean | Schema;
  readonly items?: Schema;
  readonly anyOf?: readonly Schema[];
  readonly oneOf?: readonly Schema[];
  readonly enum?: readonly Json[];
  readonly default?: Json;
  readonly 'x-known-values'?: readonly string[];
}

interface Media {
  readonly schema?: Schema;
}

export interface Parameter {
  readonly $ref?: string;
  readonly name: string;
  readonly in: 'path' | 'query' | 'header';
  readonly required?: boolean;
  readonly schema: Schema;
}

export interface Answer {
  readonly $ref?: string;
  readonly content?: Readonly<Record<string, Media>>;
}

export interface DescribedOperation {
  readonly operationId: string;
  readonly 'x-section'?: string;
  readonly security?: readonly unknown[];
  readonly parameters?: readonly Parameter[];
  readonly requestBody?: { readonly required?: boolean; readonly content: Readonly<Record<string, Media>> };
  readonly responses: Readonly<Record<string, Answer>>;
}

export interface Document {
  readonly paths: Readonly<Record<string, Readonly<Record<string, DescribedOperation>>>>;
  readonly components: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
}

/** A REST call of the contract. */
export interface Operation {
  readonly id: string;
  readonly plane: Plane;
  readonly method: string;
  /** Path template, for example `/v1/{project_id}/leagues`. */
  readonly template: string;
  /** Section of the API reference. */
  readonly section: string;
  /** True for calls without a token. */
  readonly isPublic: boolean;
  /** Names of the query parameters that must be given. */
  readonly requiredQuery: readonly string[];
  readonly bodyMediaType: string | undefined;
  /** Schema of a successful JSON answer. */
  readonly answer: Schema | undefined;
}

/** Contract files by the base URI of their schemas. */
const files = { space: 'tics-space.openapi.yaml', agent: 'tics-agent.openapi.yaml' } as const;
export type File = keyof typeof files;

export function fileOf(operation: Operation): File {
  return operation.plane === 'agent' ? 'agent' : 'space';
}

function escapePointer(text: string): string {
  return encodeURIComponent(text.replaceAll('~', '~0').replaceAll('/', '~1'));
}

export function pointer(...names: readonly string[]): string {
  return `#/${names.map(escapePointer).join('/')}`;
}

export function lookUp(document: Document, reference: string): unknown {
  let found: unknown = document;
  for (const name of reference.slice(2).split('/')) {
    found = (found as Record<string, unknown> | undefined)?.[
      decodeURIComponent(name).replaceAll('~1', '/').replaceAll('~0', '~')
    ];
  }
  return found;
}

export type Documents = Readonly<Record<File, Document>>;

export function describedOperation(documents: Documents, operation: Operation): DescribedOperation {
  const found = documents[fileOf(operation)].paths[operation.template]?.[operation.method.toLowerCase()];
  if (found === undefined) throw new Error(`the contract has no ${operation.id}`);
  return found;
}

export function readDocument(file: File): Document {
  return parse(readFileSync(new URL(`../../../schema/${files[file]}`, import.meta.url), 'utf8')) as Document;
}

export function jsonSchemaOf(answer: Answer | undefined): Schema | undefined {
  return answer?.content?.['application/json']?.schema;
}

export function readOperations(file: File, document: Document): Operation[] {
  return Object.entries(document.paths).flatMap(([template, methods]) =>
    Object.entries(methods)
      .filter(([method]) => ['get', 'post', 'put', 'delete', 'patch'].includes(method))
      .map(([method, described]): Operation => {
        const success = Object.entries(described.responses).find(([status]) => status.startsWith('2'));
        return {
          id: described.operationId,
          plane: file === 'agent' ? 'agent' : template.startsWith('/v3/') ? 'iam' : 'space',
          method: method.toUpperCase(),
          template,
          section: described['x-section'] ?? '',
          isPublic: described.security?.length === 0,
          requiredQuery: (described.parameters ?? [])
            .map((parameter) => (parameter.$ref ? (lookUp(document, parameter.$ref) as Parameter) : parameter))
            .filter((parameter) => parameter.in === 'query' && parameter.required === true)
            .map(({ name }) => name),
          bodyMediaType: Object.keys(described.requestBody?.content ?? {})[0],
          answer: jsonSchemaOf(success?.[1]),
        };
      }),
  );
}
