import type { IncomingMessage } from 'node:http';
import { isIP, type BlockList } from 'node:net';
import { blockListOf } from '../upstream/addressPolicy.ts';

/** Proxies in front of the gateway whose `X-Forwarded-For` is trusted. */
export class TrustedProxies {
  readonly #networks: BlockList | undefined;

  /** @param networks - addresses, and networks in CIDR notation */
  constructor(networks: readonly string[] = []) {
    this.#networks = networks.length === 0 ? undefined : blockListOf(networks);
  }

  has(address: string): boolean {
    if (this.#networks === undefined) return false;
    const plain = withoutMapping(address);
    const family = isIP(plain);
    return family !== 0 && this.#networks.check(plain, family === 6 ? 'ipv6' : 'ipv4');
  }

  /**
   * The client's address. Each proxy appends its peer's address to `X-Forwarded-For`, so it is the last one that is no trusted
   * proxy. Entries before it can be forged.
   */
  clientOf({ headers, socket }: IncomingMessage): string {
    const forwarded = String(headers['x-forwarded-for'] ?? '').split(',');
    let address = withoutMapping(socket.remoteAddress ?? '');
    while (this.has(address)) {
      const next = withoutMapping(forwarded.pop()?.trim() ?? '');
      if (isIP(next) === 0) return address;
      address = next;
    }
    return address;
  }
}

/** Strips the prefix of IPv4-mapped IPv6 addresses (`::ffff:`). */
export function withoutMapping(address: string): string {
  return address.replace(/^::ffff:(?=\d+\.)/i, '').toLowerCase();
}

/** True for a request from this machine that no proxy forwarded. */
export function isLocal({ headers, socket }: IncomingMessage): boolean {
  const address = withoutMapping(socket.remoteAddress ?? '');
  const isForwarded = headers['x-forwarded-for'] !== undefined || headers.forwarded !== undefined;
  return (address === '::1' || address.startsWith('127.')) && !isForwarded;
}
