import type { IncomingMessage } from 'node:http';
import { isIP, type BlockList } from 'node:net';
import { blockListOf } from '../upstream/addressPolicy.ts';

/** Addresses of proxies in front of the gateway, whose `X-Forwarded-For` is believed. */
export class TrustedProxies {
  readonly #networks: BlockList;

  /** @param networks - addresses, and networks in CIDR notation */
  constructor(networks: readonly string[] = []) {
    this.#networks = blockListOf(networks);
  }

  has(address: string): boolean {
    const plain = withoutMapping(address);
    const family = isIP(plain);
    return family !== 0 && this.#networks.check(plain, family === 6 ? 'ipv6' : 'ipv4');
  }

  /**
   * The address of the client. Proxies append the address that they were asked from to `X-Forwarded-For`, so it is the last
   * one that is no proxy's; what stands before it the client may have made up.
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

/** An IPv4 address, also where a socket of IPv6 tells it. */
export function withoutMapping(address: string): string {
  return address.replace(/^::ffff:(?=\d+\.)/i, '').toLowerCase();
}

/** The peer is a process of this machine, and asks for nobody else. */
export function isLocal({ headers, socket }: IncomingMessage): boolean {
  const address = withoutMapping(socket.remoteAddress ?? '');
  const isForwarded = headers['x-forwarded-for'] !== undefined || headers.forwarded !== undefined;
  return (address === '::1' || address.startsWith('127.')) && !isForwarded;
}
