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
      const next = addressIn(forwarded.pop() ?? '');
      if (isIP(next) === 0) return address;
      address = next;
    }
    return address;
  }
}

/** Strips the prefix of IPv4-mapped IPv6 addresses (`::ffff:`). */
function withoutMapping(address: string): string {
  return address.replace(/^::ffff:(?=\d+\.)/i, '').toLowerCase();
}

/** Some proxies add the port, and brackets or a zone to IPv6: `192.0.2.1:4711`, `[2001:db8::1]:4711`, `fe80::1%eth0`. */
function addressIn(entry: string): string {
  const text = entry.trim();
  const bare = /^\[(.*)\](?::\d+)?$/.exec(text)?.[1] ?? text.replace(/^([\d.]+):\d+$/, '$1');
  return withoutMapping(bare.replace(/%.*$/, ''));
}

/**
 * What is counted as one client: an address of IPv4, or the /64 of one of IPv6, since each host has all addresses of its network
 * (RFC 4291, 2.5.4).
 */
export function clientNetworkOf(address: string): string {
  const plain = withoutMapping(address);
  if (isIP(plain) !== 6) return plain;
  const [head = [], tail = []] = plain.split('::').map((part) => part.split(':').filter((group) => group !== ''));
  const zeros = Array.from({ length: Math.max(0, 8 - head.length - tail.length) }, () => '0');
  const network = [...head, ...zeros, ...tail].slice(0, 4).map((group) => parseInt(group, 16).toString(16));
  return `${network.join(':')}::/64`;
}

/** Headers by which a proxy on this machine is told. */
const proxyHeaders = ['x-forwarded-for', 'forwarded', 'x-real-ip', 'via', 'x-forwarded-host', 'x-forwarded-proto'];

/** True for a request from this machine that no proxy forwarded. */
export function isLocal({ headers, socket }: IncomingMessage): boolean {
  const address = withoutMapping(socket.remoteAddress ?? '');
  const isForwarded = proxyHeaders.some((name) => headers[name] !== undefined);
  return (address === '::1' || address.startsWith('127.')) && !isForwarded;
}
