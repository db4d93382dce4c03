import { Ajv2020 } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import {
  fileOf,
  lookUp,
  readDocument,
  readOperations,
  type Documents,
  type Operation,
  type Schema,
} from './document.ts';
import { createRouter, type FindRoute } from './router.ts';
import { createAnswerCheck, createRequestCheck, type CheckAnswer, type CheckRequest } from './validation.ts';

/** Both contracts: routing and validation. */
export interface Contract {
  readonly operations: ReadonlyMap<string, Operation>;
  readonly route: FindRoute;
  readonly checkRequest: CheckRequest;
  readonly checkAnswer: CheckAnswer;
  /** Follows `$ref`. `name` is the last component in the chain. */
  resolve(operation: Operation, schema: Schema): { readonly schema: Schema; readonly name: string | undefined };
}

/** Copies a schema and forbids undeclared properties. */
function tighten(node: unknown): unknown {
  if (Array.isArray(node)) return node.map(tighten);
  if (typeof node !== 'object' || node === null) return node;
  const copy = Object.fromEntries(Object.entries(node).map(([name, value]) => [name, tighten(value)]));
  const isObjectSchema = typeof copy.properties === 'object' && !('additionalProperties' in copy) && !('in' in copy);
  return isObjectSchema ? { ...copy, additionalProperties: false } : copy;
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
