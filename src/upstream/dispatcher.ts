import type { LookupFunction } from 'node:net';
import { buildConnector, EnvHttpProxyAgent, Pool, type Dispatcher } from 'undici';
import type { ProxyConfig } from '../config/config.ts';
import { guardedLookup, refusedLiteral, type AddressPolicy } from './addressPolicy.ts';
import { pinnedTo, readCertificate, type TrustedCertificates } from './certificates.ts';
import { maxAnswerBytes } from './contentEncoding.ts';

/**
 * Sockets to one upstream; undici's own default is no limit at all. 32 operations of 42 calls each, which take 50 ms, need more
 * than 64 not to wait for one another: with 128 twice as many are answered, with 256 no more.
 */
export const defaultConnections = 128;

const connectTimeoutMs = 5_000;

/** The certificate that a server must show: this one (PEM), or the one that it showed when it was first met. */
export type ExpectedCertificate = string | { readonly name: string; readonly trusted: TrustedCertificates };

/** What connections to one upstream are made with. */
export interface DispatcherOptions {
  /** Sockets at once. */
  readonly connections?: number;
  /** Only a server that shows it is spoken to, whatever name or address it has. By default what a known authority issued. */
  readonly certificate?: ExpectedCertificate | undefined;
  readonly proxy?: ProxyConfig | undefined;
  /** For an address that others name; none for one that is configured. */
  readonly addresses?: AddressPolicy | undefined;
}

type Connect = buildConnector.connector;

function optionsOf(lookup: LookupFunction | undefined): buildConnector.BuildOptions {
  return { timeout: connectTimeoutMs, ...(lookup && { lookup }) };
}

/** Of a pinned server no session is resumed: that would skip the look at its certificate. */
function pinnedOptions(certificate: string): buildConnector.BuildOptions {
  return { ...pinnedTo(certificate), maxCachedSessions: 0 };
}

/** Connects where the policy allows it, whatever the name resolves to by then. */
function connectGuarded(connect: Connect, addresses: AddressPolicy): Connect {
  return (options, callback) => {
    const refused = refusedLiteral(addresses, options.hostname);
    if (refused === undefined) connect(options, callback);
    else callback(refused, null);
  };
}

/** Reads the certificate at the first connection, and takes no other one from then on. */
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

/** Connections to one upstream, through a proxy where one is configured for its address. */
export function createDispatcher(origin: string, options: DispatcherOptions = {}): Dispatcher {
  const { connections = defaultConnections, certificate, proxy, addresses } = options;
  const common = { connections, maxResponseSize: maxAnswerBytes, connect: connectorOf(options) };
  const host = new URL(origin).hostname.replace(/^\[|\]$/g, '');
  // A refused address is not asked of a proxy either. What other names stand for is the proxy's to know.
  const isRefused =
    addresses !== undefined && (isLocalhost.test(host) || refusedLiteral(addresses, host) !== undefined);
  if (isRefused || (proxy?.https === undefined && proxy?.http === undefined)) return new Pool(origin, common);
  return new EnvHttpProxyAgent({
    ...common,
    requestTls: { timeout: connectTimeoutMs, ...(typeof certificate === 'string' && pinnedOptions(certificate)) },
    // Given even where empty: undici would read the environment itself.
    httpsProxy: proxy.https ?? '',
    httpProxy: proxy.http ?? '',
    noProxy: proxy.except ?? '',
  });
}
