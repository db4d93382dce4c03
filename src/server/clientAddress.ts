import type { IncomingMessage } from 'node:http';
import { BlockList, isIP } from 'node:net';

/** Addresses of proxies in front of the gateway, whose `X-Forwarded-For` is believed. */
export class TrustedProxies {
  readonly #networks = new BlockList();

  /** @param networks - addresses, or networks in CIDR notation */
  constructor(networks: readonly string[] = []) {
    for (const network of networks) {
      const [address = '', prefix] = network.split('/');
      const family = isIP(address) === 6 ? 'ipv6' : 'ipv4';
      if (prefix === undefined) this.#networks.addAddress(address, family);
      else this.#networks.addSubnet(address, Number(prefix), family);
    }
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
