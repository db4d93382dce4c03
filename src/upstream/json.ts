import { parse as parseLossless } from 'lossless-json';

/** Whatever JSON gave: read it with the readers of `wire.ts`, never by its type. */
export type Wire = unknown;

/**
 * A number of so many digits where a value may stand: ids in quotes are none, nor decimals that JavaScript wrote, which have
 * up to 17 digits behind a few zeros.
 */
const longDigits = /(?:^|[:,[])\s*-?(?:\d{16}|[\d.]{22}|\d\.\d{14,}[eE])/;

const shortestLongNumber = 16;

function isDigitOrPoint(code: number): boolean {
  return (code >= 0x30 && code <= 0x39) || code === 0x2e;
}

/**
 * Is there a run of so many digits? Looks at every sixteenth character alone, since a run of sixteen holds one of them: nearly
 * no text has such a run, and each is searched.
 */
function hasLongRun(text: string): boolean {
  for (let at = shortestLongNumber - 1; at < text.length; at += shortestLongNumber) {
    if (!isDigitOrPoint(text.charCodeAt(at))) continue;
    let first = at;
    while (isDigitOrPoint(text.charCodeAt(first - 1))) first -= 1;
    let last = at;
    while (isDigitOrPoint(text.charCodeAt(last + 1))) last += 1;
    if (last - first + 1 >= shortestLongNumber) return true;
  }
  return false;
}

function numberOrDigits(digits: string): number | string {
  const value = Number(digits);
  // Beyond 2^53 not even whole numbers are exact.
  if (Math.abs(value) > Number.MAX_SAFE_INTEGER) return digits;
  const [significant = ''] = digits.replace(/^-|\./g, '').replace(/^0+/, '').split(/e/i);
  return significant.length > 17 ? digits : value;
}

/** As `JSON.parse` has it, the last value of a key that comes twice counts. */
const lastCounts = { onDuplicateKey: ({ newValue }: { newValue: unknown }) => newValue };

/**
 * Parses JSON without losing digits: numbers of more digits than JavaScript holds become strings of their digits. Only a text
 * that holds so many digits pays for it; all others take `JSON.parse`.
 *
 * @throws SyntaxError when the text is not JSON.
 */
export function parseJson(text: string): Wire {
  return hasLongRun(text) && longDigits.test(text)
    ? parseLossless(text, undefined, { ...lastCounts, parseNumber: numberOrDigits })
    : (JSON.parse(text) as Wire);
}

/** A decimal number where a value stands, or in a text that looks so. */
const decimalValue = /(?<!\\)"\s*:\s*-?\d+[.eE]|[[,]\s*-?\d+[.eE]/;

function exactOrDigits(digits: string): number | string {
  const value = Number(digits);
  return String(value) === digits ? value : digits;
}

/**
 * Parses JSON of which each digit counts: a number that JavaScript would write otherwise, such as `1.10`, `1e-7` or one of
 * more digits than it holds, becomes a string, as it is written.
 *
 * @throws SyntaxError when the text is not JSON.
 */
export function parseLosslessJson(text: string): Wire {
  return decimalValue.test(text) || hasLongRun(text)
    ? parseLossless(text, undefined, { ...lastCounts, parseNumber: exactOrDigits })
    : (JSON.parse(text) as Wire);
}

/** Writes a number without an exponent: `0.0000001` for `1e-7`. */
export function plainDigits(written: string): string {
  const [, sign = '', whole = '', fraction = '', exponent] = /^(-?)(\d+)(?:\.(\d+))?e([+-]?\d+)$/.exec(written) ?? [];
  if (exponent === undefined) return written;
  const point = whole.length + Number(exponent);
  const digits = (whole + fraction).padStart((whole + fraction).length + Math.max(0, 1 - point), '0');
  const at = Math.max(point, 1);
  const [before, behind] = [digits.padEnd(at, '0').slice(0, at), digits.slice(at)];
  return `${sign}${before}${behind === '' ? '' : `.${behind}`}`;
}

/** A text, or a number with an exponent. */
const textOrExponential = /"(?:[^"\\]|\\.)*"|-?\d+(?:\.\d+)?e[+-]?\d+/g;

/** JSON whose numbers are written in digits: not everybody who reads settings takes `1e-7`. */
export function jsonInDigits(value: object): string {
  return JSON.stringify(value).replace(textOrExponential, (token) =>
    token.startsWith('"') ? token : plainDigits(token),
  );
}

/**
 * Writes JSON in ASCII, everything else escaped: where a body holds Chinese, the service wants its character set named as
 * `charset=utf8` (reference 8.1), which is none to other servers. What holds none is read alike by all.
 */
export function writeJson(value: object): string {
  return jsonInDigits(value).replace(
    /[\u0080-\uffff]/g,
    (sign) => `\\u${sign.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}
