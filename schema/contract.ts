import { readFileSync } from 'node:fs';
import { parse } from 'yaml';

/** Kinds of objects that calls read and change. */
export const objectKinds: readonly string[] = [
  ...['League', 'Agent', 'Connector', 'Dataset', 'Job', 'Instance', 'Notice', 'AuditEvent'],
];

/** One operation of a contract. */
interface Operation {
  readonly operationId: string;
  /** Section of the reference. */
  readonly 'x-section': string;
  /** Kinds of objects in the answer of a reading call. */
  readonly 'x-reads'?: readonly string[];
  /** Kinds of objects that a writing call may change: cached answers with them are dropped. */
  readonly 'x-changes'?: readonly string[];
  /** False if the answer must never come from the cache. */
  readonly 'x-cacheable'?: false;
  /** The call starts or stops runs. */
  readonly 'x-run'?: 'STARTS' | 'STOPS';
  /** Purpose of a call whose refusals have a meaning of their own. */
  readonly 'x-purpose'?: 'SIGN_IN' | 'CREATE' | 'CHECK_SQL';
  readonly parameters?: readonly { readonly $ref?: string }[];
  readonly responses?: unknown;
}

/** A parameter that several calls share. */
interface SharedParameter {
  readonly name: string;
  readonly in: 'path' | 'query' | 'header';
  /** The kind of object that it names. */
  readonly 'x-object'?: string;
}

interface Contract {
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  readonly components: {
    readonly parameters: Readonly<Record<string, SharedParameter>>;
    /** Those with `x-lossless` hold decimals whose digits count. */
    readonly schemas: Readonly<Record<string, unknown>>;
  };
}

/** A call of a contract, with its place. */
export interface ContractCall {
  readonly path: string;
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE';
  readonly operation: Operation;
  /** Path parameters by the kind of object that they name (`x-object`). */
  readonly objects: Readonly<Record<string, string>>;
  /** The header that names the agent, where the call takes one. */
  readonly agentHeader: string | undefined;
  /** Its answer holds decimals whose digits count. */
  readonly isLossless: boolean;
}

/** The contracts, one for each plane. IAM is part of the space plane's. */
export const planes = ['space', 'agent'] as const;

export type ContractPlane = (typeof planes)[number];

const methods = ['GET', 'POST', 'PUT', 'DELETE'] as const;

/** Where a contract is. */
export function contractUrl(plane: ContractPlane): URL {
  return new URL(`tics-${plane}.openapi.yaml`, import.meta.url);
}

/** True where a part of a contract, or one that it refers to, is marked with `x-lossless`. */
function holdsLossless(part: unknown, schemas: Contract['components']['schemas'], met: Set<string>): boolean {
  if (typeof part !== 'object' || part === null) return false;
  if ('x-lossless' in part) return part['x-lossless'] === true;
  return Object.entries(part).some(([key, value]) => {
    const name = key === '$ref' ? String(value).split('/').at(-1) : undefined;
    if (name === undefined) return holdsLossless(value, schemas, met);
    if (met.has(name)) return false;
    met.add(name);
    return holdsLossless(schemas[name], schemas, met);
  });
}

/** All calls of a contract, in its order. */
export function readContract(plane: ContractPlane): readonly ContractCall[] {
  const { paths, components } = parse(readFileSync(contractUrl(plane), 'utf8')) as Contract;
  const shared = ({ parameters = [] }: Operation) =>
    parameters.flatMap(({ $ref = '' }) => components.parameters[$ref.split('/').at(-1) ?? ''] ?? []);
  const objectsOf = (operation: Operation) =>
    Object.fromEntries(
      shared(operation).flatMap(({ name, 'x-object': kind }): [string, string][] =>
        kind === undefined ? [] : [[kind, name]],
      ),
    );
  const agentHeaderOf = (operation: Operation) =>
    shared(operation).find((parameter) => parameter.in === 'header' && parameter.name === 'agent-id')?.name;
  return Object.entries(paths).flatMap(([path, operations]) =>
    Object.entries(operations).flatMap(([name, operation]) => {
      const method = methods.find((known) => known === name.toUpperCase());
      return method === undefined
        ? []
        : [
            {
              path,
              method,
              operation,
              objects: objectsOf(operation),
              agentHeader: agentHeaderOf(operation),
              isLossless: holdsLossless(operation.responses, components.schemas, new Set()),
            },
          ];
    }),
  );
}
