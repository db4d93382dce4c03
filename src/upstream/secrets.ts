import type { Wire } from './json.ts';

/**
 * Settings of connectors hold what they sign in with. Nobody needs to read that back, so it ends here: whatever has the
 * name of a secret is left out, and pairs inside of texts (`…?user=a&password=b`) lose their values.
 */

const lastWords: ReadonlySet<string> = new Set(['ak', 'sk', 'pwd', 'pass', 'pw', 'auth', 'authorization']);
const anywhere = /passw|passphrase|passcode|secret|token|credential|signature|keytab|key$/;

/** Whether a key is the name of a secret: `password`, `secret_key`, `ak`, `clientSecret` … `auth_type` is none. */
export function isSecretName(name: string): boolean {
  const words = name
    .replace(/([a-z0-9])([A-Z])/g, '$1 $2')
    .toLowerCase()
    .split(/[^a-z0-9]+/)
    .filter((word) => word !== '');
  return anywhere.test(words.join('')) || lastWords.has(words.at(-1) ?? '');
}

/*
 * A text may be as long as a key file: neither of these may look through it again from each of its signs.
 */

/** Account and password before a host, as in `mysql://name:password@host` and `oracle:thin:name/password@host`. */
const account = /(:\/\/)[^/?\s]+@|(thin:)\S{1,2000}@/g;
/** What stands before the value of a pair: `password=`, `"password": `. It begins where a word does. */
const pairName = /["']?(?<![\w.-])([\w.-]+)["']?\s*[=:]\s*/g;
/** Read generously: rather too much is hidden than the end of a password shown. */
const pairValue = /"(?:[^"\\]|\\.)*"?|'[^']*'?|[^&;\s"']*/y;

/** Text without the values of secrets that it spells out. */
function masked(written: string): string {
  const shown = written.replace(account, (_, slashes?: string, thin?: string) => `${slashes ?? thin}***@`);
  let result = '';
  let readTo = 0;
  for (const { 0: before, 1: name = '', index } of shown.matchAll(pairName)) {
    if (index < readTo || !isSecretName(name)) continue;
    result += `${shown.slice(readTo, index)}${before}***`;
    pairValue.lastIndex = index + before.length;
    readTo = pairValue.lastIndex + (pairValue.exec(shown)?.[0].length ?? 0);
  }
  return result + shown.slice(readTo);
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

/** Whether a text that could not be taken apart names a secret anywhere. */
export function namesSecrets(written: string): boolean {
  return (written.match(/[\w.-]+/g) ?? []).some(isSecretName);
}
