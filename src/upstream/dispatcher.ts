import { X509Certificate } from 'node:crypto';
import { Pool } from 'undici';
import { maxAnswerBytes } from './contentEncoding.ts';

/** Sockets to one upstream; undici's own default is no limit at all. */
const maxConnections = 64;

/**
 * Connections to one upstream. With a certificate, only a server that shows exactly this certificate is spoken to,
 * whatever name or address it has: agents sign theirs themselves, and their addresses move.
 */
export function createDispatcher(origin: string, certificate?: string): Pool {
  return new Pool(origin, {
    connections: maxConnections,
    maxResponseSize: maxAnswerBytes,
    connect: {
      timeout: 5_000,
      ...(certificate !== undefined && {
        ca: [certificate],
        // One that a company's authority issued is trusted by itself too: its issuer need not be known.
        allowPartialTrustChain: true,
        checkServerIdentity: (_host: string, { fingerprint256 }: { fingerprint256: string }) =>
          fingerprint256 === new X509Certificate(certificate).fingerprint256
            ? undefined
            : Object.assign(new Error('the certificate is not the configured one'), { code: 'CERT_NOT_PINNED' }),
      }),
    },
  });
}
