import { describe, expect, test } from 'vitest';
import { TrustedProxies } from '../../src/server/clientAddress.ts';
import { FailedAuthentications } from '../../src/server/failedAuthentications.ts';

describe('addresses of clients', () => {
  const failures = new FailedAuthentications(() => 3, new TrustedProxies(['127.0.0.0/8', '2001:db8:ffff::/48']));
  const addressOf = (forwarded: string, remoteAddress = '127.0.0.1') =>
    failures.addressOf({ headers: { 'x-forwarded-for': forwarded }, socket: { remoteAddress } } as never);

  test.each([
    ['192.0.2.1', '192.0.2.1'],
    ['192.0.2.1:4711', '192.0.2.1'],
    ['::ffff:192.0.2.1', '192.0.2.1'],
    ['[::ffff:192.0.2.1]:4711', '192.0.2.1'],
    ['10.9.9.9, [2001:db8::1]:4711', '2001:db8:0:0::/64'],
    ['2001:DB8::2', '2001:db8:0:0::/64'],
    ['[2001:db8:0:0:ffff::]', '2001:db8:0:0::/64'],
    ['2001:db8:0:1::1', '2001:db8:0:1::/64'],
    ['1:2:3:4:5:6:7:8', '1:2:3:4::/64'],
    ['1::4:5:6:7:8', '1:0:0:4::/64'],
    ['::1:2:3', '0:0:0:0::/64'],
    ['fe80::1%eth0', 'fe80:0:0:0::/64'],
    ['192.0.2.1, 2001:db8:ffff::7, 127.0.0.9:80', '192.0.2.1'],
    // What is no address is nobody's.
    ['192.0.2.1, unknown', '127.0.0.1'],
    ['192.0.2.1, [', '127.0.0.1'],
    ['', '127.0.0.1'],
  ])('%s', (forwarded, address) => {
    expect(addressOf(forwarded)).toBe(address);
    // One that no proxy of ours has sent.
    expect(addressOf(forwarded, '::ffff:192.0.2.9')).toBe('192.0.2.9');
  });
});
