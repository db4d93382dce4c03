import type { IncomingMessage } from 'node:http';
import { Budgets } from '../callers/budgets.ts';
import { credentialHeaders } from '../callers/callers.ts';
import type { TrustedProxies } from './clientAddress.ts';

/** Counts credentials that were not valid, by the client's address, so that nobody tries many. */
export class FailedAuthentications {
  readonly #perMinute: () => number;
  readonly #proxies: TrustedProxies;
  #budgets: Budgets;
  #budgetsFor: number;

  constructor(perMinute: () => number, proxies: TrustedProxies) {
    this.#perMinute = perMinute;
    this.#proxies = proxies;
    this.#budgetsFor = perMinute();
    this.#budgets = new Budgets(this.#budgetsFor);
  }

  /** Seconds until a credential from this address is looked at again; undefined where it is now. */
  waitSeconds(request: IncomingMessage): number | undefined {
    this.#followLimit();
    const { currentlyAvailable } = this.#budgets.stateOf(this.#proxies.clientOf(request));
    return currentlyAvailable > 0 ? undefined : Math.max(1, Math.ceil(60 / this.#budgetsFor));
  }

  /** A request without any credential tries none. */
  count(request: IncomingMessage): void {
    this.#budgets.take(this.#proxies.clientOf(request), 1);
  }

  /** A limit that has changed begins with nothing counted. */
  #followLimit(): void {
    const perMinute = this.#perMinute();
    if (perMinute === this.#budgetsFor) return;
    this.#budgetsFor = perMinute;
    this.#budgets = new Budgets(perMinute);
  }
}

/** The request names itself by a credential in its headers. */
export function hasCredential({ headers }: IncomingMessage): boolean {
  return credentialHeaders.some((name) => headers[name] !== undefined);
}
