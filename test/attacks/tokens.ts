import { createHmac, generateKeyPairSync, sign } from 'node:crypto';
import type { Issuer } from '../support/issuer.ts';

/** What a forger of tokens has: a token of its own that is valid, and what anybody can read of the issuer. */
export interface Forger {
  readonly issuer: Issuer;
  readonly valid: string;
  /** A server of its own, which must never be asked. */
  readonly ownServer: string;
}

function part(value: unknown): string {
  return Buffer.from(typeof value === 'string' ? value : JSON.stringify(value)).toString('base64url');
}

function claimsOf(token: string): Record<string, unknown> {
  return JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString()) as Record<string, unknown>;
}

function nowSeconds(): number {
  return Math.floor(Date.now() / 1_000);
}

const own = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const ownJwk = own.publicKey.export({ format: 'jwk' });

/** A token of the forger's own making, signed by its own key. */
function forged({ valid }: Forger, header: object, claims: object = {}): string {
  const text = `${part({ alg: 'ES256', kid: 'first', ...header })}.${part({ ...claimsOf(valid), ...claims })}`;
  const signature = sign('sha256', Buffer.from(text), { key: own.privateKey, dsaEncoding: 'ieee-p1363' });
  return `${text}.${signature.toString('base64url')}`;
}

/** A token without a signature that could be checked. */
function unsigned({ valid }: Forger, header: unknown, signature = ''): string {
  return `${part(header)}.${part(claimsOf(valid))}.${signature}`;
}

/** A token with changed claims, under the signature of the valid one. */
function changed({ valid }: Forger, claims: object): string {
  const [header = '', , signature = ''] = valid.split('.');
  return `${header}.${part({ ...claimsOf(valid), ...claims })}.${signature}`;
}

function byHmac(alg: string, secret: Uint8Array | string, { valid }: Forger): string {
  const text = `${part({ alg, kid: 'first', typ: 'JWT' })}.${part(claimsOf(valid))}`;
  return `${text}.${createHmac('sha256', secret).update(text).digest('base64url')}`;
}

/** Tokens that let nobody in. */
export const forgedTokens: Readonly<Record<string, (forger: Forger) => string | Promise<string>>> = {
  'alg none': (forger) => unsigned(forger, { alg: 'none' }),
  'alg None': (forger) => unsigned(forger, { alg: 'None', kid: 'first' }),
  'alg NONE with a signature': (forger) => unsigned(forger, { alg: 'NONE' }, 'AAAA'),
  'no alg': (forger) => unsigned(forger, { typ: 'JWT' }),
  'an alg that is a list': (forger) => unsigned(forger, { alg: ['ES256', 'none'] }),
  'HMAC by the public key': async (forger) => byHmac('HS256', await forger.issuer.publicKey(), forger),
  'HMAC by nothing': (forger) => byHmac('HS256', '', forger),
  'HMAC by a word': (forger) => byHmac('HS256', 'secret', forger),
  'a signature of nothing': ({ valid }) => `${valid.split('.').slice(0, 2).join('.')}.`,
  'a signature of zeros': (forger) =>
    unsigned(forger, { alg: 'ES256', kid: 'first' }, Buffer.alloc(64).toString('base64url')),
  'half a signature': ({ valid }) => valid.slice(0, -20),
  'a signature in DER': (forger) => {
    const text = forger.valid.split('.').slice(0, 2).join('.');
    return `${text}.${sign('sha256', Buffer.from(text), own.privateKey).toString('base64url')}`;
  },
  'two parts': ({ valid }) => valid.split('.').slice(0, 2).join('.'),
  'four parts': ({ valid }) => `${valid}.x`,
  'five parts': ({ valid }) => `${valid}.x.y`,
  'another role': (forger) => changed(forger, { roles: ['administrator'] }),
  'another subject': (forger) => changed(forger, { sub: 'bystander' }),
  'a key of its own': (forger) => forged(forger, {}),
  'a key of its own in the header': (forger) => forged(forger, { jwk: ownJwk }),
  'a key of its own by jku': (forger) => forged(forger, { jku: `${forger.ownServer}/jwks.json`, kid: 'own' }),
  'a key of its own by x5u': (forger) => forged(forger, { x5u: `${forger.ownServer}/chain.pem`, kid: 'own' }),
  'a key of its own by x5c': (forger) => forged(forger, { x5c: ['AAAA'] }),
  'a key from a file': (forger) => forged(forger, { kid: '../../../../dev/null' }),
  'a key of an address': (forger) => forged(forger, { kid: `${forger.ownServer}/key` }),
  'a key from a table': (forger) => forged(forger, { kid: "x' UNION SELECT 'secret" }),
  'a key of the prototype': (forger) => forged(forger, { kid: '__proto__' }),
  'a kid that is an object': (forger) => forged(forger, { kid: { toString: 'first' } }),
  'a header that must be known': (forger) => forged(forger, { crit: ['exp', 'x'], x: 1 }),
  'another issuer': (forger) => forged(forger, {}, { iss: forger.ownServer }),
  'an issuer of the prototype': (forger) => forged(forger, {}, { iss: '__proto__' }),
  'an issuer that is a list': (forger) => forged(forger, {}, { iss: [forger.issuer.url] }),
  'a token in a token': (forger) => `${part({ alg: 'ES256', cty: 'JWT', kid: 'first' })}.${part(forger.valid)}.AAAA`,
  'claims that are no JSON': ({ valid }) => `${valid.split('.')[0]}.${part('{"iss":')}.${valid.split('.')[2]}`,
  'claims that are a list': ({ valid }) => `${valid.split('.')[0]}.${part([])}.${valid.split('.')[2]}`,
  'deep claims': ({ valid }) => `${valid.split('.')[0]}.${part('['.repeat(4_000))}.${valid.split('.')[2]}`,
  'a token of 12 kB': (forger) => forged(forger, {}, { more: 'a'.repeat(8_000) }),
  // Signed by the issuer, and not valid.
  ended: ({ issuer }) => issuer.token({ exp: nowSeconds() - 3_600 }),
  'not begun': ({ issuer }) => issuer.token({ nbf: nowSeconds() + 3_600 }),
  'without an end': ({ issuer }) => issuer.token({ exp: undefined }),
  'an end that is a text': ({ issuer }) => issuer.token({ exp: '9999999999' as never }),
  'an end beyond all time': ({ issuer }) => issuer.token({ exp: 1e300 }),
  'for others': ({ issuer }) => issuer.token({ aud: 'another-service' }),
  'for nobody': ({ issuer }) => issuer.token({ aud: undefined }),
  'for others that begin alike': ({ issuer }) => issuer.token({ aud: ['tics-gateway-2', 'tics'] }),
  'of another issuer, by the same key': ({ issuer }) => issuer.token({ iss: `${issuer.url}/other` }),
  'of its issuer’s former name': ({ issuer }) => issuer.token({ iss: `${issuer.url}/` }),
};
