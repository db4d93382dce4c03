import type { IncomingMessage } from 'node:http';
import type { CallBudgets } from '../callers/budgets.ts';
import { credentialHeaders } from '../callers/callers.ts';
import { createBudgets } from '../callers/replicaBudgets.ts';
import type { SharedBudgets } from '../shared/budgets.ts';
import { clientNetworkOf, type TrustedProxies } from './clientAddress.ts';

/** Limits invalid credentials per client address, or /64 of IPv6. */
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

  /** The limit. */
  get perMinute(): number {
    return this.#perMinute();
  }

  /** The client's address or network, behind trusted proxies too. */
  addressOf(request: IncomingMessage): string {
    return clientNetworkOf(this.#proxies.clientOf(request));
  }

  /** Seconds until credentials from this address are checked again. Undefined: now. */
  waitSeconds(request: IncomingMessage): number | undefined {
    this.#followLimit();
    const { currentlyAvailable } = this.#budgets.stateOf(this.addressOf(request));
    return currentlyAvailable > 0 ? undefined : Math.max(1, Math.ceil(60 / this.#budgetsFor));
  }

  /** Requests without credentials do not count. */
  count(request: IncomingMessage): void {
    const address = this.addressOf(request);
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

/** True for a request with a credential: in its headers, or as tables for BI tools take it, in the address. */
export function hasCredential({ headers, url = '' }: IncomingMessage): boolean {
  if (credentialHeaders.some((name) => headers[name] !== undefined)) return true;
  const mark = url.indexOf('?');
  return mark >= 0 && new URLSearchParams(url.slice(mark + 1)).has('apikey');
}
