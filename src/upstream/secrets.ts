import type { Wire } from './json.ts';
import { withoutStacks } from './stacks.ts';

/**
 * Settings of connectors contain credentials, which nobody needs to read back: properties with the name of a secret are left out,
 * and pairs inside texts (`…?user=a&password=b`) lose their values.
 */

const lastWords: ReadonlySet<string> = new Set(['ak', 'sk', 'pwd', 'pass', 'pw', 'auth', 'authorization']);
const anywhere =
  /passw|passphrase|passcode|secret|token|credential|signature|keytab|cookie|session|accesskey|(key|pass|pwd)$/;
const chinese = /密码|口令|密钥|令牌|凭证|凭据/;

/** True for a key that names a secret: `password`, `secret_key`, `ak`, `clientSecret` … `auth_type` does not. */
export function isSecretName(name: string): boolean {
  const words = name
    .replace(/([a-z0-9])([A-Z])/g, '$1 $2')
    .toLowerCase()
    // Ignores numbers: `Pwd1`, `password_2`.
    .split(/[^a-z]+/)
    .filter((word) => word !== '');
  return anywhere.test(words.join('')) || lastWords.has(words.at(-1) ?? '') || chinese.test(name);
}

/*
 * Texts can be as long as a key file: none of these expressions may take quadratic time.
 */

/**
 * Account and password before a host, as in `mysql://name:password@host` and `oracle:thin:name/password@host`. A password may
 * contain a slash; what begins with a port is a path.
 */
const account = /(:\/\/)(?:[^/?\s]+|[^/?\s:@]{1,200}:(?!\d+\/)[^\s"'<>]{1,500})@|(thin:)\S{1,2000}@/g;
/** The part of a pair before its value: `password=`, `"password": `, `\"password\":`, `password%3D`. Begins at a word boundary. */
const pairName = /["']?(?<![\p{L}\w.-])([\p{L}\w.-]+)(?:\\{0,8}["']|%22)?\s*(?:[=:：]|%3[AD])\s*/giu;
/** Greedy: hiding too much is better than showing the end of a password. */
const pairValue =
  /"(?:[^"\\]|\\.)*"?|'[^']*'?|\\+["'][^"']*["']?|(?:(?:bearer|basic|digest|negotiate|token)\s+)?[^&;\s"']*/iy;
/** Cookies are pairs themselves. */
const cookieValue = /[^\s;="']{1,200}=[^\n"}\]]*/y;

const mask = '***';

const closing: Readonly<Record<string, string>> = { '{': '}', '[': ']' };

/** The end of a value in brackets: behind the closing bracket, else the end of the text. */
function endOfBrackets(text: string, from: number): number {
  const opened = text[from];
  const closed = closing[opened ?? ''];
  let depth = 0;
  for (let at = from; at < text.length; at += 1) {
    if (text[at] === opened) depth += 1;
    else if (text[at] === closed) depth -= 1;
    if (depth === 0) return at + 1;
  }
  return text.length;
}

function endOfValue(text: string, name: string, from: number): number {
  if (Object.hasOwn(closing, text[from] ?? '')) return endOfBrackets(text, from);
  cookieValue.lastIndex = from;
  pairValue.lastIndex = from;
  const [value = ''] = (/cookie$/i.test(name) && cookieValue.exec(text)) || pairValue.exec(text) || [];
  return from + value.length;
}

/** Masks the values of secrets in a text. */
function masked(written: string): string {
  const shown = written.replace(account, (_, slashes?: string, thin?: string) => `${slashes ?? thin}${mask}@`);
  let result = '';
  let readTo = 0;
  for (const { 0: before, 1: name = '', index } of shown.matchAll(pairName)) {
    if (index < readTo || !isSecretName(name)) continue;
    result += `${shown.slice(readTo, index)}${before}${mask}`;
    readTo = endOfValue(shown, name, index + before.length);
  }
  return result + shown.slice(readTo);
}

const maskedAccount = /(?::\/\/|thin:)[^/?@\s]{0,200}\*{3}@/;
const maskedValue = /["']?\*{3}["']?(?![^&;,\s)}])/y;

/** True for a masked text that was sent back. */
export function isMasked(written: string): boolean {
  if (written.trim() === mask || maskedAccount.test(written)) return true;
  return [...written.matchAll(pairName)].some(({ 0: before, 1: name = '', index }) => {
    maskedValue.lastIndex = index + before.length;
    return isSecretName(name) && maskedValue.test(written);
  });
}

/** A JSON value without its secrets, at any depth. */
export function withoutSecrets(value: Wire): Wire {
  if (typeof value === 'string') return masked(value);
  if (Array.isArray(value)) return value.map(withoutSecrets);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).flatMap(([name, held]) => (isSecretName(name) ? [] : [[name, withoutSecrets(held)]])),
  );
}

/** True for an unparseable text that names a secret anywhere. */
export function namesSecrets(written: string): boolean {
  return (written.match(/[\p{L}\w.-]+/gu) ?? []).some(isSecretName);
}

/** Shorter secrets would match ordinary text. */
const minSecretLength = 6;
/** The oldest are dropped. Tokens are renewed once a day: no upstream echoes older ones. */
const maxOwnSecrets = 1_000;
const ownSecrets = new Set<string>();

/** A secret in the encodings that texts use. */
function formsOf(secret: string): ReadonlySet<string> {
  return new Set([secret, encodeURIComponent(secret), JSON.stringify(secret).slice(1, -1)]);
}

/** Registers a password or token: `cleanText` removes it from now on, plain or encoded. */
export function hideFromTexts(secret: string): void {
  if (secret.length < minSecretLength) return;
  for (const form of formsOf(secret)) {
    ownSecrets.delete(form);
    ownSecrets.add(form);
  }
  for (const oldest of ownSecrets) {
    if (ownSecrets.size <= maxOwnSecrets) break;
    ownSecrets.delete(oldest);
  }
}

/** Names of secrets in prose. */
const proseName =
  'password|passwd|pwd|passphrase|passcode|secret|token|credential|api[ -]?key|密码|口令|密钥|令牌|凭证';

/** Secrets in texts other than pairs. The first group of each is kept. */
const proseSecrets: readonly RegExp[] = [
  /(-----BEGIN [A-Z ]{0,40}PRIVATE KEY-----)[^]*?(?=-----END|$)/g,
  /(\bidentified\s{1,20}by\s{1,20}(?:password\s{1,20})?)(?:"[^"]*"?|'[^']*'?|[^\s;]+)/gi,
  // Without a digit it can be a word of the sentence: `password is wrong`, `Basic authentication`.
  new RegExp(
    String.raw`((?<![a-z\d_])(?:${proseName})(?:\s{1,20}(?:is |was )?|\s{0,20}[为是])\s{0,20})["']?(?=[!-~]{0,500}?\d)[^\s"'=:：%\\(){}[\]<>,][!-~]{5,}`,
    'gi',
  ),
  /(\b(?:bearer|basic)\s{1,20})(?=[\w.~+/-]{0,500}?[\d=])[\w.~+/=-]{6,}/gi,
  // Without a scheme: an account when the host is an address, or has a port.
  /((?<![\w.-]))[\w.-]{1,100}:[^\s:@/]{1,200}(?=@(?:\d{1,3}(?:\.\d{1,3}){3}\b|[\w.-]{1,253}:\d))/g,
];

const element = /<([\w.:-]{1,100})((?:\s[^<>]{0,500})?)>[^<]{1,5000}/g;

function withoutProseSecrets(written: string): string {
  const shown = written.replace(element, (whole, name: string, attributes: string) =>
    isSecretName(name) ? `<${name}${attributes}>${mask}` : whole,
  );
  return proseSecrets.reduce((text, form) => text.replace(form, (_, before: string) => before + mask), shown);
}

/** Longer texts are cut. */
const maxCleanedLength = 50_000;

/**
 * A text of an upstream for callers and logs: without stacks, accounts in addresses, values of secrets, and the passwords and
 * tokens of this process.
 *
 * @param secret - a further one to mask
 */
export function cleanText(written: string, secret = ''): string {
  let shown = written.slice(0, maxCleanedLength);
  for (const secret of ownSecrets) if (shown.includes(secret)) shown = shown.replaceAll(secret, '***');
  if (secret.length >= minSecretLength) for (const form of formsOf(secret)) shown = shown.replaceAll(form, '***');
  return masked(withoutProseSecrets(withoutStacks(shown)));
}
