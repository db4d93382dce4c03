import type { LookupFunction } from 'node:net';
import { buildConnector, EnvHttpProxyAgent, Pool, type Dispatcher } from 'undici';
import type { ProxyConfig } from '../config/config.ts';
import { guardedLookup, refusedLiteral, type AddressPolicy } from './addressPolicy.ts';
import { pinnedTo, readCertificate, type TrustedCertificates } from './certificates.ts';
import { maxAnswerBytes } from './contentEncoding.ts';

/**
 * Sockets per upstream; undici's default is unlimited. Measured with 32 concurrent operations of 42 calls of 50 ms: 128 sockets
 * answer twice as many as 64, 256 no more.
 */
export const defaultConnections = 128;

const connectTimeoutMs = 5_000;

/** The certificate that a server must present: this one (PEM), or the one of its first connection. */
export type ExpectedCertificate = string | { readonly name: string; readonly trusted: TrustedCertificates };

/** Options of {@link createDispatcher}. */
export interface DispatcherOptions {
  /** Sockets at once. */
  readonly connections?: number;
  /** The only accepted certificate, for any host name. Default: any from a known authority. */
  readonly certificate?: ExpectedCertificate | undefined;
  readonly proxy?: ProxyConfig | undefined;
  /** Policy for addresses that the space plane lists. Configured addresses need none. */
  readonly addresses?: AddressPolicy | undefined;
}

type Connect = buildConnector.connector;

function optionsOf(lookup: LookupFunction | undefined): buildConnector.BuildOptions {
  return { timeout: connectTimeoutMs, ...(lookup && { lookup }) };
}

/** Disables TLS session resumption, which would skip the check of the certificate. */
function pinnedOptions(certificate: string): buildConnector.BuildOptions {
  return { ...pinnedTo(certificate), maxCachedSessions: 0 };
}

/** Checks the resolved address when connecting, against DNS rebinding. */
function connectGuarded(connect: Connect, addresses: AddressPolicy): Connect {
  return (options, callback) => {
    const refused = refusedLiteral(addresses, options.hostname);
    if (refused === undefined) connect(options, callback);
    else callback(refused, null);
  };
}

/** Pins the certificate of the first connection. */
function connectTrusted(
  { name, trusted }: Exclude<ExpectedCertificate, string>,
  lookup: LookupFunction | undefined,
): Connect {
  let firstUse: Promise<string> | undefined;
  const meet = async (host: string, port: number): Promise<string> => {
    const certificate = await readCertificate({ host, port, lookup }, connectTimeoutMs);
    trusted.trust(name, certificate);
    return certificate;
  };
  let pinned: Connect | undefined;
  return (options, callback) => {
    if (pinned !== undefined) return pinned(options, callback);
    const known = trusted.of(name);
    firstUse ??= known === undefined ? meet(options.hostname, Number(options.port) || 443) : Promise.resolve(known);
    firstUse.then(
      (certificate) => {
        pinned ??= buildConnector({ ...optionsOf(lookup), ...pinnedOptions(certificate) });
        pinned(options, callback);
      },
      (error: Error) => {
        firstUse = undefined;
        callback(error, null);
      },
    );
  };
}

function connectorOf({ certificate, addresses }: DispatcherOptions): Connect {
  const lookup = addresses && guardedLookup(addresses);
  const connect =
    typeof certificate === 'object'
      ? connectTrusted(certificate, lookup)
      : buildConnector({ ...optionsOf(lookup), ...(certificate !== undefined && pinnedOptions(certificate)) });
  return addresses === undefined ? connect : connectGuarded(connect, addresses);
}

/** Names of this host (RFC 6761, 6.3). */
const isLocalhost = /(^|\.)localhost\.?$/;

/** The connections to one upstream, through the configured proxy if any. */
export function createDispatcher(origin: string, options: DispatcherOptions = {}): Dispatcher {
  const { connections = defaultConnections, certificate, proxy, addresses } = options;
  const common = { connections, maxResponseSize: maxAnswerBytes, connect: connectorOf(options) };
  const host = new URL(origin).hostname.replace(/^\[|\]$/g, '');
  // Literal addresses are checked before the proxy too. Names are resolved by the proxy.
  const isRefused =
    addresses !== undefined && (isLocalhost.test(host) || refusedLiteral(addresses, host) !== undefined);
  if (isRefused || (proxy?.https === undefined && proxy?.http === undefined)) return new Pool(origin, common);
  return new EnvHttpProxyAgent({
    ...common,
    requestTls: { timeout: connectTimeoutMs, ...(typeof certificate === 'string' && pinnedOptions(certificate)) },
    // Set even when empty: undici would otherwise read the environment.
    httpsProxy: proxy.https ?? '',
    httpProxy: proxy.http ?? '',
    noProxy: proxy.except ?? '',
  });
}
