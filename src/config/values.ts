import { isIP } from 'node:net';
import * as z from 'zod';

/** A non-empty string. */
export function text(what: string) {
  return z.string(`${what}, as text`).min(1, `${what}, not empty`);
}

/** A raw TICS id. */
export function ticsId(what: string) {
  return text(what).regex(/^[0-9A-Za-z_]{1,32}$/, `${what}: at most 32 letters, digits and underscores`);
}

/** A number, or digits in a string, as from the environment. */
export const port = z.union(
  [z.string().regex(/^\d+$/).transform(Number).pipe(z.number().max(65_535)), z.int().min(0).max(65_535)],
  'a port number, from 0 to 65535',
);

const aboveZero = 'a whole number above 0';

export const positiveInteger = z.int(aboveZero).positive(aboveZero);

/** Timers of Node fire at once for more. */
const longestTimerMs = 2_147_483_647;

/** A length of time that a timer holds. */
export function milliseconds(least: number) {
  return z
    .int('whole milliseconds')
    .min(least, `at least ${least}`)
    .max(longestTimerMs, `at most ${longestTimerMs}, which is 24 days`);
}

/** 0 is allowed: it disables the feature. */
export const durationMs = milliseconds(0);

/** Requires `//`: `host:4000` would parse as a URL with the scheme `host`. */
function isHttpUrl(url: string): boolean {
  return /^https?:\/\//i.test(url) && URL.canParse(url) && !new URL(url).search;
}

/** A base URL, without trailing slash. */
export function baseUrl(what: string) {
  return z
    .string(what)
    .refine(isHttpUrl, what)
    .transform((url) => url.replace(/\/+$/, ''));
}

const loopback = new Set(['localhost', '127.0.0.1', '[::1]']);

function isUpstreamUrl(url: string): boolean {
  if (!URL.canParse(url)) return false;
  const { protocol, hostname, pathname, search, hash, username, password } = new URL(url);
  return (
    (protocol === 'https:' || (protocol === 'http:' && loopback.has(hostname))) &&
    `${pathname}${search}${hash}${username}${password}` === '/'
  );
}

function isSecureUrl(url: string): boolean {
  if (!URL.canParse(url)) return false;
  const { protocol, hostname, username, password } = new URL(url);
  return (protocol === 'https:' || (protocol === 'http:' && loopback.has(hostname))) && `${username}${password}` === '';
}

/** An https URL, or http on loopback. */
export function secureUrl(what: string) {
  return z.string(what).refine(isSecureUrl, `${what}: https://, or http:// on loopback`);
}

/** The base URL of an upstream, without trailing slash. */
export const upstreamUrl = z
  .string('an https:// address')
  .refine(isUpstreamUrl, 'an https:// address without path, query or credentials; http:// is for loopback only')
  .transform((url) => url.replace(/\/+$/, ''));

function isNetwork(text: string): boolean {
  const [address = '', prefix, ...rest] = text.split('/');
  const family = isIP(address);
  const isPrefix = prefix === undefined || (/^\d{1,3}$/.test(prefix) && Number(prefix) <= (family === 6 ? 128 : 32));
  return family !== 0 && isPrefix && rest.length === 0;
}

const anyNetwork = 'a network, such as 10.0.0.0/8 or fd00::/8';

/** An address, or a network in CIDR notation (RFC 4632). */
export const network = z.string(anyNetwork).refine(isNetwork, anyNetwork);
