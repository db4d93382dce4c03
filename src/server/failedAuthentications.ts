import type { IncomingMessage } from 'node:http';
import type { CallBudgets } from '../callers/budgets.ts';
import { credentialHeaders } from '../callers/callers.ts';
import { createBudgets } from '../callers/replicaBudgets.ts';
import type { SharedBudgets } from '../shared/budgets.ts';
import type { TrustedProxies } from './clientAddress.ts';

/** Counts credentials that were not valid, by the client's address, so that nobody tries many. */
export class FailedAuthentications {
  readonly #perMinute: () => number;
  readonly #proxies: TrustedProxies;
  readonly #shared: SharedBudgets | undefined;
  #budgets: CallBudgets;
  #budgetsFor: number;

  constructor(perMinute: () => number, proxies: TrustedProxies, shared?: SharedBudgets) {
    this.#perMinute = perMinute;
    this.#proxies = proxies;
    this.#shared = shared;
    this.#budgetsFor = perMinute();
    this.#budgets = this.#budgetsOf(this.#budgetsFor);
  }

  /** Seconds until a credential from this address is looked at again; undefined where it is now. */
  waitSeconds(request: IncomingMessage): number | undefined {
    this.#followLimit();
    const { currentlyAvailable } = this.#budgets.stateOf(this.#proxies.clientOf(request));
    return currentlyAvailable > 0 ? undefined : Math.max(1, Math.ceil(60 / this.#budgetsFor));
  }

  /** A request without any credential tries none. */
  count(request: IncomingMessage): void {
    const address = this.#proxies.clientOf(request);
    if (this.#budgets.stateOf(address).currentlyAvailable > 0) this.#budgets.correct(address, 1);
  }

  close(): void {
    this.#budgets.close();
  }

  #budgetsOf(perMinute: number): CallBudgets {
    return createBudgets(perMinute, 'failedAuthentications', this.#shared);
  }

  /** A limit that has changed begins with nothing counted in this process. */
  #followLimit(): void {
    const perMinute = this.#perMinute();
    if (perMinute === this.#budgetsFor) return;
    this.#budgetsFor = perMinute;
    this.#budgets.close();
    this.#budgets = this.#budgetsOf(perMinute);
  }
}

/** The request names itself by a credential in its headers. */
export function hasCredential({ headers }: IncomingMessage): boolean {
  return credentialHeaders.some((name) => headers[name] !== undefined);
}
