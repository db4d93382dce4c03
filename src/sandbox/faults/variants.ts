import type { Contract } from '../contract/contract.ts';
import type { Json } from '../contract/document.ts';
import { isObject } from './rewriting.ts';
import { rewritings } from './rewritings.ts';
import { createWalk } from './walk.ts';

/** Another wire format that the service is known to use. */
export interface Variant {
  readonly name: string;
  readonly description: string;
  /** False where the data cannot be recovered, only reported as missing. */
  readonly keepsMeaning: boolean;
  /** Operations whose answers it changes. */
  readonly operations: readonly string[];
  /** Rewrites an answer's body. */
  apply(operationId: string, status: number, body: unknown): unknown;
}

function isSuccess(status: number): boolean {
  return status >= 200 && status < 300;
}

/** All variants with the operations they apply to, derived from the contract. */
export function createVariants(contract: Contract): readonly Variant[] {
  return rewritings.map((rewriting) => {
    const walks = new Map(
      [...contract.operations.values()].map((operation) => [
        operation.id,
        { operation, ...createWalk(contract, operation, rewriting) },
      ]),
    );
    const operations = [...walks.values()]
      .filter(({ operation }) => rewriting.only?.includes(operation.id) ?? true)
      .filter(({ operation }) => rewriting.except?.includes(operation.id) !== true)
      .filter(({ operation, isConcerned }) =>
        rewriting.agentError === undefined
          ? operation.answer !== undefined && isConcerned(operation.answer)
          : operation.plane === 'agent',
      )
      .map(({ operation }) => operation.id);
    const concerned = new Set(operations);

    return {
      name: rewriting.name,
      description: rewriting.description,
      keepsMeaning: rewriting.changesMeaning !== true,
      operations,
      apply(operationId, status, body) {
        const walk = walks.get(operationId);
        if (walk === undefined || !concerned.has(operationId)) return body;
        const json = body as Json;
        if (isSuccess(status)) {
          return walk.operation.answer === undefined ? body : walk.rewrite(walk.operation.answer, json);
        }
        return rewriting.agentError !== undefined && isObject(json) ? rewriting.agentError(status, json) : body;
      },
    };
  });
}
