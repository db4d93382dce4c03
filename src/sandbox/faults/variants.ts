import type { Contract, Json } from '../contract/contract.ts';
import { isObject, rewritings } from './rewritings.ts';
import { createWalk } from './walk.ts';

/** Another way in which the service is known to write the same answers. */
export interface Variant {
  readonly name: string;
  readonly description: string;
  /** False where a reader cannot come to the same answer, only to an honest one. */
  readonly keepsMeaning: boolean;
  /** Ids of the calls whose answers it changes. */
  readonly operations: readonly string[];
  /** The answer's body, rewritten. */
  apply(operationId: string, status: number, body: unknown): unknown;
}

function isSuccess(status: number): boolean {
  return status >= 200 && status < 300;
}

/** Every variant with the calls it can occur in, found out from the contract. */
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
