import { readFileSync } from 'node:fs';
import { parse } from 'yaml';

/** One operation of a contract. */
interface Operation {
  readonly operationId: string;
  /** Section of the reference. */
  readonly 'x-section': string;
}

interface Contract {
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
}

/** A call of a contract, with its place. */
export interface ContractCall {
  readonly path: string;
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE';
  readonly operation: Operation;
}

/** The contracts, one a plane. IAM is in the one of the space plane. */
export const planes = ['space', 'agent'] as const;

export type ContractPlane = (typeof planes)[number];

const methods = ['GET', 'POST', 'PUT', 'DELETE'] as const;

/** Where a contract is. */
export function contractUrl(plane: ContractPlane): URL {
  return new URL(`tics-${plane}.openapi.yaml`, import.meta.url);
}

/** All calls of a contract, in its order. */
export function readContract(plane: ContractPlane): readonly ContractCall[] {
  const { paths } = parse(readFileSync(contractUrl(plane), 'utf8')) as Contract;
  return Object.entries(paths).flatMap(([path, operations]) =>
    Object.entries(operations).flatMap(([name, operation]) => {
      const method = methods.find((known) => known === name.toUpperCase());
      return method === undefined ? [] : [{ path, method, operation }];
    }),
  );
}
