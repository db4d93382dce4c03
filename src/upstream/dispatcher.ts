import { X509Certificate } from 'node:crypto';
import { EnvHttpProxyAgent, Pool, type Dispatcher } from 'undici';
import type { ProxyConfig } from '../config/config.ts';
import { maxAnswerBytes } from './contentEncoding.ts';

/** Sockets to one upstream; undici's own default is no limit at all. */
const maxConnections = 64;

/** What connections to one upstream are made with. */
export interface DispatcherOptions {
  /** Only a server that shows exactly this certificate is spoken to, whatever name or address it has. */
  readonly certificate?: string | undefined;
  readonly proxy?: ProxyConfig | undefined;
}

/** Trusts one certificate: agents sign theirs themselves, and their addresses move. */
function pinned(certificate: string) {
  const { fingerprint256: expected } = new X509Certificate(certificate);
  return {
    ca: [certificate],
    // One that a company's authority issued is trusted by itself too: its issuer need not be known.
    allowPartialTrustChain: true,
    checkServerIdentity: (_host: string, { fingerprint256 }: { fingerprint256: string }) =>
      fingerprint256 === expected
        ? undefined
        : Object.assign(new Error('the certificate is not the configured one'), { code: 'CERT_NOT_PINNED' }),
  };
}

/** Connections to one upstream, through a proxy where one is configured for its address. */
export function createDispatcher(origin: string, { certificate, proxy }: DispatcherOptions = {}): Dispatcher {
  const tls = { timeout: 5_000, ...(certificate !== undefined && pinned(certificate)) };
  const options = { connections: maxConnections, maxResponseSize: maxAnswerBytes, connect: tls };
  if (proxy?.https === undefined && proxy?.http === undefined) return new Pool(origin, options);
  return new EnvHttpProxyAgent({
    ...options,
    requestTls: tls,
    // Given even where empty: undici would read the environment itself.
    httpsProxy: proxy.https ?? '',
    httpProxy: proxy.http ?? '',
    noProxy: proxy.except ?? '',
  });
}
