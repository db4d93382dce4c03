import { BlockList, isIP } from 'node:net';
import { hasTics, type Config } from '../config/config.ts';
import type { ServerOptions } from '../server/server.ts';
import type { Logger } from '../telemetry/log.ts';

const loopback = new BlockList();
loopback.addSubnet('127.0.0.0', 8);
loopback.addAddress('::1', 'ipv6');

/** True for `localhost` and addresses of loopback, those of IPv4 within IPv6 among them. Other names may lead anywhere. */
function isLoopback(host: string): boolean {
  const family = isIP(host);
  return family === 0 ? host.toLowerCase() === 'localhost' : loopback.check(host, family === 4 ? 'ipv4' : 'ipv6');
}

/** Where to listen. The embedded TICS is for development: the gateway then listens on loopback only. */
export function addressesOf(config: Config): Pick<ServerOptions, 'host' | 'port' | 'admin'> {
  const { port, admin, metricsPort } = config;
  const host = hasTics(config) || isLoopback(config.host) ? config.host : '127.0.0.1';
  return { host, port, admin: admin ?? (metricsPort === undefined ? undefined : { host, port: metricsPort }) };
}

/** Allowed origins and hosts: those of `publicUrl`, `origins` and `hosts`. */
export function edgeOf({
  publicUrl,
  origins = [],
  hosts = [],
}: Config): Pick<ServerOptions, 'origins' | 'hosts' | 'isPublicTls'> {
  const own = publicUrl === undefined ? undefined : new URL(publicUrl);
  return {
    origins: [...(own ? [own.origin] : []), ...origins],
    hosts: [...(own ? [own.hostname] : []), ...hosts],
    isPublicTls: own?.protocol === 'https:',
  };
}

/** Warns of a gateway that is open to everyone, or without TLS. */
export function warnOfOpenDoors({ callers, host, publicUrl, tls, trustedProxies }: Config, log: Logger): void {
  if (callers?.anonymous)
    log.warn('callers: anonymous. Whoever reaches the port acts with the rights of tics.account.');
  const isTlsBefore = publicUrl?.startsWith('https:') || (trustedProxies ?? []).length > 0;
  if (tls === undefined && !isTlsBefore && !isLoopback(host))
    log.warn({ host }, 'plain HTTP beyond loopback: set tls, or end TLS before and set trustedProxies or publicUrl');
}
