import type { Ajv2020, ErrorObject, ValidateFunction } from 'ajv/dist/2020.js';
import {
  describedOperation,
  fileOf,
  jsonSchemaOf,
  lookUp,
  pointer,
  type Answer,
  type Documents,
  type Operation,
  type Parameter,
  type Schema,
} from './document.ts';

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

/** Checks a request against the contract. */
export type CheckRequest = (operation: Operation, request: RawRequest) => RequestCheck;

/** The first violation of the contract in an answer, undeclared properties included. */
export type CheckAnswer = (operation: Operation, status: number, body: unknown) => string | undefined;

interface RequestSchemas {
  readonly parameters: readonly Parameter[];
  readonly query: ValidateFunction;
  readonly path: ValidateFunction;
  readonly headers: ValidateFunction;
  readonly body: ValidateFunction | undefined;
  readonly isBodyRequired: boolean;
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
      // The reference asks for a parameter that has a default, too (7.6.2).
      required: own
        .filter(({ required, schema }) => required === true && schema.default === undefined)
        .map(({ name }) => name),
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

/** Checks requests. Schemas are compiled on first use. */
export function createRequestCheck(documents: Documents, ajv: Ajv2020): CheckRequest {
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

/** Checks answers. Schemas are compiled on first use. */
export function createAnswerCheck(documents: Documents, ajv: Ajv2020): CheckAnswer {
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
