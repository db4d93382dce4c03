import { lookup, type LookupAddress } from 'node:dns';
import { BlockList, isIP, type LookupFunction } from 'node:net';

/**
 * Networks without agents: this host, link-local addresses (with the metadata services of clouds), multicast, and forms of IPv6
 * that hide an IPv4 address (IANA special-purpose registries, RFC 6890). Private networks are allowed: agents run there.
 */
const refusedNetworks = [
  '0.0.0.0/8',
  '127.0.0.0/8',
  '169.254.0.0/16',
  '192.0.0.0/24',
  '224.0.0.0/4',
  '240.0.0.0/4',
  // Metadata services outside of the link: Alibaba Cloud, AWS by IPv6.
  '100.100.100.200/32',
  'fd00:ec2::254/128',
  // Unspecified, loopback, and IPv4-compatible; NAT64; discard-only; Teredo; 6to4; link-local and site-local; multicast.
  '::/96',
  '64:ff9b::/96',
  '64:ff9b:1::/48',
  '100::/64',
  '2001::/32',
  '2002::/16',
  'fe80::/10',
  'fec0::/10',
  'ff00::/8',
];

/** The addresses that may be connected to. */
export interface AddressPolicy {
  /** @param ip - an IPv4 or IPv6 address, not a name */
  readonly allows: (ip: string) => boolean;
}

/** @param networks - addresses, and networks in CIDR notation (RFC 4632) */
export function blockListOf(networks: readonly string[]): BlockList {
  const list = new BlockList();
  for (const network of networks) {
    const [address = '', prefix] = network.split('/');
    const family = isIP(address) === 6 ? 'ipv6' : 'ipv4';
    list.addSubnet(address, Number(prefix ?? (family === 'ipv6' ? 128 : 32)), family);
  }
  return list;
}

/**
 * The policy for addresses that were not configured.
 *
 * @param networks - the only ones that are allowed. Default: all but this host, link-local addresses and multicast.
 */
export function createAddressPolicy(networks?: readonly string[]): AddressPolicy {
  const list = blockListOf(networks ?? refusedNetworks);
  const isIn = (ip: string): boolean => list.check(ip, isIP(ip) === 6 ? 'ipv6' : 'ipv4');
  return { allows: (ip) => isIP(ip) !== 0 && isIn(ip) === (networks !== undefined) };
}

/** `transportFailure` of exchange.ts reads its code. The error does not name the address. */
function addressRefused(): NodeJS.ErrnoException {
  return Object.assign(new Error('the address is refused'), { code: 'ADDRESS_REFUSED' });
}

/** `dns.lookup` for sockets, without the addresses that the policy refuses. A socket connects to just what was checked. */
export function guardedLookup({ allows }: AddressPolicy): LookupFunction {
  return (hostname, options, callback) => {
    lookup(hostname, { ...options, all: true }, (error, found) => {
      if (error) return callback(error, []);
      const allowed: LookupAddress[] = found.filter(({ address }) => allows(address));
      const [first] = allowed;
      if (first === undefined) return callback(addressRefused(), []);
      if (options.all === true) callback(null, allowed);
      else callback(null, first.address, first.family);
    });
  };
}

/** The error for a host that is a refused IP address: sockets do not look those up. */
export function refusedLiteral({ allows }: AddressPolicy, host: string): Error | undefined {
  return isIP(host) !== 0 && !allows(host) ? addressRefused() : undefined;
}
