import { readFileSync } from 'node:fs';
import { Ajv2020, type ErrorObject, type ValidateFunction } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
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
  readonly 'x-known-values'?: readonly string[];
}

interface Media {
  readonly schema?: Schema;
}

interface Parameter {
  readonly $ref?: string;
  readonly name: string;
  readonly in: 'path' | 'query' | 'header';
  readonly required?: boolean;
  readonly schema: Schema;
}

interface Answer {
  readonly $ref?: string;
  readonly content?: Readonly<Record<string, Media>>;
}

interface DescribedOperation {
  readonly operationId: string;
  readonly 'x-section'?: string;
  readonly security?: readonly unknown[];
  readonly parameters?: readonly Parameter[];
  readonly requestBody?: { readonly required?: boolean; readonly content: Readonly<Record<string, Media>> };
  readonly responses: Readonly<Record<string, Answer>>;
}

interface Document {
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

/** A request before validation. */
export interface RawRequest {
  readonly path: Readonly<Record<string, string>>;
  readonly query: URLSearchParams;
  readonly headers: Readonly<Record<string, string | undefined>>;
  readonly body: unknown;
}

/** The coerced query, or the first violation. */
export type RequestCheck =
  | { readonly isValid: true; readonly query: Readonly<Record<string, string | number | boolean>> }
  | { readonly isValid: false; readonly fault: string };

export type Route =
  | { readonly operation: Operation; readonly path: Readonly<Record<string, string>> }
  | 'unknown path'
  | 'unknown method';

/** Both contracts: routing and validation. */
export interface Contract {
  readonly operations: ReadonlyMap<string, Operation>;
  route(plane: Plane, method: string, pathname: string): Route;
  checkRequest(operation: Operation, request: RawRequest): RequestCheck;
  /** The first violation of the contract, undeclared properties included. */
  checkAnswer(operation: Operation, status: number, body: unknown): string | undefined;
  /** Follows `$ref`. `name` is the last component in the chain. */
  resolve(operation: Operation, schema: Schema): { readonly schema: Schema; readonly name: string | undefined };
}

interface Template {
  readonly operation: Operation;
  readonly segments: readonly string[];
}

interface RequestSchemas {
  readonly parameters: readonly Parameter[];
  readonly query: ValidateFunction;
  readonly path: ValidateFunction;
  readonly headers: ValidateFunction;
  readonly body: ValidateFunction | undefined;
  readonly isBodyRequired: boolean;
}

/** Contract files by the base URI of their schemas. */
const files = { space: 'tics-space.openapi.yaml', agent: 'tics-agent.openapi.yaml' } as const;
type File = keyof typeof files;

function fileOf(operation: Operation): File {
  return operation.plane === 'agent' ? 'agent' : 'space';
}

function escapePointer(text: string): string {
  return encodeURIComponent(text.replaceAll('~', '~0').replaceAll('/', '~1'));
}

function pointer(...names: readonly string[]): string {
  return `#/${names.map(escapePointer).join('/')}`;
}

function lookUp(document: Document, reference: string): unknown {
  let found: unknown = document;
  for (const name of reference.slice(2).split('/')) {
    found = (found as Record<string, unknown> | undefined)?.[
      decodeURIComponent(name).replaceAll('~1', '/').replaceAll('~0', '~')
    ];
  }
  return found;
}

/** Copies a schema and forbids undeclared properties. */
function tighten(node: unknown): unknown {
  if (Array.isArray(node)) return node.map(tighten);
  if (typeof node !== 'object' || node === null) return node;
  const copy = Object.fromEntries(Object.entries(node).map(([name, value]) => [name, tighten(value)]));
  const isObjectSchema = typeof copy.properties === 'object' && !('additionalProperties' in copy) && !('in' in copy);
  return isObjectSchema ? { ...copy, additionalProperties: false } : copy;
}

function typesOf(schema: Schema): readonly string[] {
  return schema.type === undefined ? [] : typeof schema.type === 'string' ? [schema.type] : schema.type;
}

function coerce(schema: Schema, text: string): string | number | boolean {
  const types = typesOf(schema);
  if (types.includes('integer') && /^-?\d{1,15}$/.test(text)) return Number(text);
  if (types.includes('number') && /^-?\d+(\.\d+)?$/.test(text)) return Number(text);
  if (types.includes('boolean') && (text === 'true' || text === 'false')) return text === 'true';
  return text;
}

function describe(part: string, errors: readonly ErrorObject[] | null | undefined): string {
  const error = errors?.[0];
  if (error === undefined) return `${part} is not valid`;
  const extra = error.params as Record<string, unknown>;
  const name = extra.additionalProperty ?? extra.unevaluatedProperty;
  return `${part}${error.instancePath} ${error.message ?? 'is not valid'}${typeof name === 'string' ? `: ${name}` : ''}`;
}

function readDocument(file: File): Document {
  return parse(readFileSync(new URL(`../../../schema/${files[file]}`, import.meta.url), 'utf8')) as Document;
}

function jsonSchemaOf(answer: Answer | undefined): Schema | undefined {
  return answer?.content?.['application/json']?.schema;
}

function readOperations(file: File, document: Document): Operation[] {
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

function firstParameter({ segments }: Template): number {
  const index = segments.findIndex((segment) => segment.startsWith('{'));
  return index === -1 ? segments.length : index;
}

type Documents = Readonly<Record<File, Document>>;

function describedOperation(documents: Documents, operation: Operation): DescribedOperation {
  const found = documents[fileOf(operation)].paths[operation.template]?.[operation.method.toLowerCase()];
  if (found === undefined) throw new Error(`the contract has no ${operation.id}`);
  return found;
}

function createRouter(operations: readonly Operation[]): Contract['route'] {
  const templates: Record<Plane, Template[]> = { iam: [], space: [], agent: [] };
  for (const operation of operations) {
    templates[operation.plane].push({ operation, segments: operation.template.split('/').slice(1) });
  }
  // Literal segments before parameters: `/v1/agents/datasets/x` must not match `/v1/agents/{agent_id}/x`.
  for (const list of Object.values(templates)) list.sort((a, b) => firstParameter(b) - firstParameter(a));

  return (plane, method, pathname) => {
    const segments = pathname.split('/').slice(1);
    let isPathKnown = false;
    for (const { operation, segments: expected } of templates[plane]) {
      if (expected.length !== segments.length) continue;
      const path: Record<string, string> = {};
      const matches = expected.every((segment, index) => {
        const given = segments[index] ?? '';
        if (!segment.startsWith('{')) return segment === given;
        path[segment.slice(1, -1)] = given;
        return given !== '';
      });
      if (!matches) continue;
      if (operation.method === method) return { operation, path };
      isPathKnown = true;
    }
    return isPathKnown ? 'unknown method' : 'unknown path';
  };
}

function compileRequestSchemas(documents: Documents, ajv: Ajv2020, operation: Operation): RequestSchemas {
  const file = fileOf(operation);
  const described = describedOperation(documents, operation);
  const at = ['paths', operation.template, operation.method.toLowerCase()];
  const parameters = (described.parameters ?? []).map((parameter, index) => {
    const reference = parameter.$ref ?? pointer(...at, 'parameters', String(index));
    const found = lookUp(documents[file], reference) as Parameter;
    return { ...found, schemaReference: `tics:${file}${reference}/schema` };
  });
  const compilePart = (part: Parameter['in'], allowsOthers: boolean): ValidateFunction => {
    const own = parameters.filter((parameter) => parameter.in === part);
    return ajv.compile({
      type: 'object',
      properties: Object.fromEntries(own.map(({ name, schemaReference }) => [name, { $ref: schemaReference }])),
      required: own.filter(({ required }) => required === true).map(({ name }) => name),
      additionalProperties: allowsOthers,
    });
  };
  const media = operation.bodyMediaType;
  return {
    parameters,
    path: compilePart('path', false),
    // IAM ignores unknown parameters.
    query: compilePart('query', operation.plane === 'iam'),
    headers: compilePart('header', true),
    body:
      media === undefined || described.requestBody?.content[media]?.schema === undefined
        ? undefined
        : ajv.compile({ $ref: `tics:${file}${pointer(...at, 'requestBody', 'content', media, 'schema')}` }),
    isBodyRequired: described.requestBody?.required === true,
  };
}

function createRequestCheck(documents: Documents, ajv: Ajv2020): Contract['checkRequest'] {
  const compiled = new Map<string, RequestSchemas>();
  const schemasOf = (operation: Operation): RequestSchemas => {
    const schemas = compiled.get(operation.id) ?? compileRequestSchemas(documents, ajv, operation);
    compiled.set(operation.id, schemas);
    return schemas;
  };

  return (operation, request) => {
    const schemas = schemasOf(operation);
    const query: Record<string, string | number | boolean> = {};
    for (const name of new Set(request.query.keys())) {
      const values = request.query.getAll(name);
      if (values.length > 1) return { isValid: false, fault: `query/${name} must be given once` };
      const parameter = schemas.parameters.find((known) => known.in === 'query' && known.name === name);
      query[name] = parameter === undefined ? (values[0] ?? '') : coerce(parameter.schema, values[0] ?? '');
    }
    const headers: Record<string, string> = {};
    for (const { name } of schemas.parameters.filter((parameter) => parameter.in === 'header')) {
      const value = request.headers[name.toLowerCase()];
      if (value !== undefined) headers[name] = value;
    }
    if (!schemas.path(request.path)) return { isValid: false, fault: describe('path', schemas.path.errors) };
    if (!schemas.headers(headers)) return { isValid: false, fault: describe('headers', schemas.headers.errors) };
    if (!schemas.query(query)) return { isValid: false, fault: describe('query', schemas.query.errors) };
    if (schemas.body === undefined) return { isValid: true, query };
    if (request.body === undefined) {
      return schemas.isBodyRequired ? { isValid: false, fault: 'a body is required' } : { isValid: true, query };
    }
    return schemas.body(request.body)
      ? { isValid: true, query }
      : { isValid: false, fault: describe('body', schemas.body.errors) };
  };
}

function compileAnswerSchema(
  documents: Documents,
  ajv: Ajv2020,
  operation: Operation,
  status: number,
): ValidateFunction | undefined {
  const file = fileOf(operation);
  const { responses } = describedOperation(documents, operation);
  const declared = String(status) in responses ? String(status) : 'default';
  const reference =
    responses[declared]?.$ref ??
    pointer('paths', operation.template, operation.method.toLowerCase(), 'responses', declared);
  const answer = lookUp(documents[file], reference) as Answer | undefined;
  return jsonSchemaOf(answer) === undefined
    ? undefined
    : ajv.compile({ $ref: `tics:${file}-answers${reference}/content/application~1json/schema` });
}

function createAnswerCheck(documents: Documents, ajv: Ajv2020): Contract['checkAnswer'] {
  const compiled = new Map<string, ValidateFunction | undefined>();
  return (operation, status, body) => {
    const key = `${operation.id} ${status}`;
    if (!compiled.has(key)) compiled.set(key, compileAnswerSchema(documents, ajv, operation, status));
    const check = compiled.get(key);
    if (check === undefined) {
      return body === undefined ? undefined : `${operation.id} answers ${status} without a body`;
    }
    return check(body) ? undefined : describe(operation.id, check.errors);
  };
}

function createContract(): Contract {
  const documents: Documents = { space: readDocument('space'), agent: readDocument('agent') };
  const ajv = new Ajv2020({ strict: false, allErrors: false, validateSchema: false });
  addFormats.default(ajv);
  for (const file of ['space', 'agent'] as const) {
    ajv.addSchema(documents[file], `tics:${file}`);
    ajv.addSchema(tighten(documents[file]) as object, `tics:${file}-answers`);
  }
  const operations = (['space', 'agent'] as const).flatMap((file) => readOperations(file, documents[file]));

  return {
    operations: new Map(operations.map((operation) => [operation.id, operation])),
    route: createRouter(operations),
    checkRequest: createRequestCheck(documents, ajv),
    checkAnswer: createAnswerCheck(documents, ajv),
    resolve(operation, schema) {
      let found = schema;
      let name: string | undefined;
      while (found.$ref !== undefined) {
        name = found.$ref.split('/').at(-1);
        found = lookUp(documents[fileOf(operation)], found.$ref) as Schema;
      }
      return { schema: found, name };
    },
  };
}

let loaded: Contract | undefined;

/** Loads both contracts once per process. Schemas are compiled on first use. */
export function loadContract(): Contract {
  return (loaded ??= createContract());
}
