import { X509Certificate } from 'node:crypto';
import { isIP, type LookupFunction } from 'node:net';
import { connect, type ConnectionOptions } from 'node:tls';
import { readIfPresent, replacePrivateFile } from '../files.ts';

/** A certificate that was trusted on first use. */
interface TrustedCertificate {
  /** SHA-256 of the certificate, as OpenSSL writes it: `AB:CD:…`. */
  readonly fingerprint: string;
  readonly trustedAt: string;
  readonly certificate: string;
}

/** Certificates that were trusted on first use, by the name of their server, in a file that only the gateway's user may read. */
export class TrustedCertificates {
  readonly #path: string;
  readonly #onTrusted: (trusted: { readonly name: string; readonly fingerprint: string }) => void;

  /** @param onTrusted - called when a certificate is trusted for the first time */
  constructor(path: string, onTrusted: (trusted: { readonly name: string; readonly fingerprint: string }) => void) {
    this.#path = path;
    this.#onTrusted = onTrusted;
    this.#read();
  }

  /** The trusted certificate (PEM) of a server, if any. */
  of(name: string): string | undefined {
    return this.#read()[name]?.certificate;
  }

  /** Trusts a certificate. Others are refused until its entry is removed from the file. */
  trust(name: string, certificate: string): void {
    const fingerprint = new X509Certificate(certificate).fingerprint256;
    const all = { ...this.#read(), [name]: { fingerprint, trustedAt: new Date().toISOString(), certificate } };
    replacePrivateFile(this.#path, `${JSON.stringify(all, null, 2)}\n`);
    this.#onTrusted({ name, fingerprint });
  }

  /** @throws Error when the file exists and can't be read: otherwise any certificate would be trusted again */
  #read(): Readonly<Record<string, TrustedCertificate>> {
    return JSON.parse(readIfPresent(this.#path) ?? '{}') as Readonly<Record<string, TrustedCertificate>>;
  }
}

/** Accepts this certificate only, for any host name: agents have self-signed ones, and their addresses change. */
export function pinnedTo(certificate: string): ConnectionOptions {
  const { fingerprint256: expected } = new X509Certificate(certificate);
  return {
    ca: [certificate],
    // Without it, a certificate that a company's authority issued would need its issuer.
    allowPartialTrustChain: true,
    checkServerIdentity: (_host, { fingerprint256 }) =>
      fingerprint256 === expected
        ? undefined
        : Object.assign(new Error('the certificate is not the pinned one'), { code: 'CERT_NOT_PINNED' }),
  };
}

/** A server to connect to. */
export interface TlsAddress {
  readonly host: string;
  readonly port: number;
  readonly lookup?: LookupFunction | undefined;
}

/**
 * Reads the certificate that a server presents, as PEM. It is read before TLS verifies it (the event `secure`), and the connection
 * ends after the handshake: nothing is sent.
 *
 * @throws Error when there is no handshake within `timeoutMs`
 */
export function readCertificate({ host, port, lookup }: TlsAddress, timeoutMs: number): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host, port, servername: isIP(host) === 0 ? host : '', ...(lookup && { lookup }) });
    const timer = setTimeout(
      () => socket.destroy(Object.assign(new Error('no handshake'), { code: 'UND_ERR_CONNECT_TIMEOUT' })),
      timeoutMs,
    );
    socket.once('close', () => {
      clearTimeout(timer);
      reject(Object.assign(new Error('closed before the handshake was done'), { code: 'ECONNRESET' }));
    });
    socket.on('error', reject);
    socket.prependOnceListener('secure', () => {
      const shown = socket.getPeerX509Certificate();
      if (shown !== undefined) resolve(shown.toString());
    });
    // Emitted for a certificate of a known authority. Otherwise TLS itself ends the connection.
    socket.once('secureConnect', () => socket.destroy());
  });
}
