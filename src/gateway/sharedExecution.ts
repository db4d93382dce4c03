import type { ExecutionResult } from 'graphql';
import type { SharedWrites } from '../shared/writes.ts';
import { LightSignal, onAbort, reasonOf, type Signal } from '../upstream/deadline.ts';
import type { RequestRecord } from './operationLog.ts';
import type { Identified } from './plugins/useIdentity.ts';
import type { Negotiation } from './plugins/useNegotiation.ts';

/** Arguments of the context factory. */
export interface ExecutionContext extends RequestRecord, Identified, Negotiation {
  /** Aborts when the last waiting request has left. */
  readonly sharedSignal: Signal;
}

/** One execution and the requests that wait for it. Ends early when all of them have left. */
export class SharedExecution {
  readonly context: ExecutionContext;
  readonly #deserted = new LightSignal();
  readonly #result: Promise<ExecutionResult>;
  #waiting = 0;

  constructor(
    record: Omit<ExecutionContext, 'sharedSignal'>,
    execute: (context: ExecutionContext) => Promise<ExecutionResult>,
  ) {
    this.context = { sharedSignal: this.#deserted, ...record };
    this.#result = execute(this.context);
  }

  /** False once all requests have left: it will have no result. */
  get canBeJoined(): boolean {
    return !this.#deserted.aborted;
  }

  onEnd(listener: () => void): void {
    this.#result.then(listener, listener);
  }

  /** Extends its deadline for a request that joins now. */
  extend(timeoutMs: number): void {
    this.context.operation?.deadline.limit(timeoutMs);
  }

  /** The result, or the signal's reason as an error. */
  wait(signal: Signal): Promise<ExecutionResult> {
    this.#waiting += 1;
    return new Promise((resolve, reject) => {
      const stop = onAbort(signal, () => {
        reject(reasonOf(signal));
        this.#waiting -= 1;
        if (this.#waiting === 0) this.#deserted.abort(signal.reason);
      });
      this.#result.finally(stop).then(resolve, reject);
    });
  }
}

/** Executions under way, by the key of the requests that may join them. */
export class SharedExecutions {
  readonly #running = new Map<string, SharedExecution>();
  readonly #writes: SharedWrites | undefined;
  #epoch: ReturnType<SharedWrites['epoch']> | undefined;

  /** @param writes - of other replicas; undefined for a single one */
  constructor(writes: SharedWrites | undefined) {
    this.#writes = writes;
    this.#epoch = writes?.epoch();
  }

  /** False while a write of another replica may be missing from what was read. */
  isCurrent(): boolean {
    if (this.#writes === undefined) return true;
    const epoch = this.#writes.epoch();
    if (epoch !== this.#epoch) this.#running.clear();
    this.#epoch = epoch;
    return this.#writes.isCurrent();
  }

  find(key: string): SharedExecution | undefined {
    const execution = this.isCurrent() ? this.#running.get(key) : undefined;
    return execution?.canBeJoined === true ? execution : undefined;
  }

  /** Adds an execution until it ends. */
  add(key: string, execution: SharedExecution): void {
    this.#running.set(key, execution);
    execution.onEnd(() => {
      if (this.#running.get(key) === execution) this.#running.delete(key);
    });
  }

  /** After a mutation: executions that began before are not joined. */
  clear(): void {
    this.#running.clear();
  }
}
