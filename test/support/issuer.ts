import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { exportJWK, generateKeyPair, SignJWT, type CryptoKey, type JWTPayload } from 'jose';

/** An OpenID provider with keys that can be exchanged. */
export interface Issuer {
  readonly url: string;
  readonly jwks: string;
  /** Requests for its keys so far. */
  readonly reads: () => number;
  /** A token, signed by its present key unless another is given. */
  readonly token: (
    claims?: JWTPayload,
    options?: { readonly key?: CryptoKey | Uint8Array; readonly kid?: string; readonly alg?: string },
  ) => Promise<string>;
  /** Signs by a new key from now on; the old one is taken back. */
  readonly rotate: () => Promise<void>;
  /** Its public key, as whoever can read it may use it. */
  readonly publicKey: () => Promise<Uint8Array>;
  /** While it is away its keys can't be read. */
  isAway: boolean;
  /** What is answered in place of its keys. */
  broken: string | undefined;
  readonly close: () => Promise<void>;
}

export const audience = 'tics-gateway';

function nowSeconds(): number {
  return Math.floor(Date.now() / 1_000);
}

export async function startIssuer(): Promise<Issuer> {
  let pair = await generateKeyPair('ES256');
  let kid = 'first';
  let reads = 0;
  const server = createServer((request, response) => {
    if (issuer.isAway) return void response.writeHead(503).end();
    if (issuer.broken !== undefined) return void response.end(issuer.broken);
    const answer = async (): Promise<object> => {
      if (request.url?.endsWith('openid-configuration')) return { issuer: issuer.url, jwks_uri: issuer.jwks };
      reads += 1;
      return { keys: [{ ...(await exportJWK(pair.publicKey)), kid, alg: 'ES256', use: 'sig' }] };
    };
    void answer().then((body) => response.end(JSON.stringify(body)));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const issuer: Issuer = {
    url,
    jwks: `${url}/keys`,
    reads: () => reads,
    token: (claims = {}, options = {}) =>
      new SignJWT({ iss: url, aud: audience, sub: 'alice', roles: ['viewer'], exp: nowSeconds() + 300, ...claims })
        .setProtectedHeader({ alg: options.alg ?? 'ES256', kid: options.kid ?? kid })
        .sign(options.key ?? pair.privateKey),
    rotate: async () => {
      pair = await generateKeyPair('ES256');
      kid = `${kid}+`;
    },
    publicKey: async () => new TextEncoder().encode(JSON.stringify(await exportJWK(pair.publicKey))),
    isAway: false,
    broken: undefined,
    close: () => new Promise((resolve) => server.close(() => resolve())),
  };
  return issuer;
}
