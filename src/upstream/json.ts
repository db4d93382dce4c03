import { parse as parseLossless } from 'lossless-json';

/** A value from JSON, of any type. Read it with the functions of `wire.ts`. */
export type Wire = unknown;

/**
 * A number with more digits than a double may hold, in the place of a value. Does not match ids in quotes, or decimals that
 * JavaScript wrote, which have up to 17 digits behind a few zeros.
 */
const longDigits = /(?:^|[:,[])\s*-?(?:\d{16}|[\d.]{22}|\d\.\d{14,}[eE])/;

const minLongDigits = 16;

function isDigitOrPoint(code: number): boolean {
  return (code >= 0x30 && code <= 0x39) || code === 0x2e;
}

/**
 * True for a text with a run of {@link minLongDigits} digits. Tests every sixteenth character only, since a run of sixteen has
 * one of them: every answer is searched, and hardly any has such a run.
 */
function hasLongRun(text: string): boolean {
  for (let at = minLongDigits - 1; at < text.length; at += minLongDigits) {
    if (!isDigitOrPoint(text.charCodeAt(at))) continue;
    let first = at;
    while (isDigitOrPoint(text.charCodeAt(first - 1))) first -= 1;
    let last = at;
    while (isDigitOrPoint(text.charCodeAt(last + 1))) last += 1;
    if (last - first + 1 >= minLongDigits) return true;
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

/** For a repeated key the last value counts, as in `JSON.parse`. */
const lastCounts = { onDuplicateKey: ({ newValue }: { newValue: unknown }) => newValue };

/**
 * Parses JSON without losing digits: numbers of more digits than JavaScript holds become strings of their digits. Texts without
 * such numbers are parsed by `JSON.parse`, which is faster.
 *
 * @throws SyntaxError when the text is not JSON
 */
export function parseJson(text: string): Wire {
  return hasLongRun(text) && longDigits.test(text)
    ? parseLossless(text, undefined, { ...lastCounts, parseNumber: numberOrDigits })
    : (JSON.parse(text) as Wire);
}

/** A decimal number in the place of a value, or what looks so inside a string. */
const decimalValue = /(?<!\\)"\s*:\s*-?\d+[.eE]|[[,]\s*-?\d+[.eE]/;

function exactOrDigits(digits: string): number | string {
  const value = Number(digits);
  return String(value) === digits ? value : digits;
}

/**
 * Parses JSON and keeps every digit: a number that JavaScript would write differently, such as `1.10`, `1e-7` or one with more
 * digits than it holds, becomes a string, as it is written.
 *
 * @throws SyntaxError when the text is not JSON
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

/** A string, or a number with an exponent. */
const textOrExponential = /"(?:[^"\\]|\\.)*"|-?\d+(?:\.\d+)?e[+-]?\d+/g;

/** JSON whose numbers have no exponents: not every reader of settings accepts `1e-7`. */
export function jsonInDigits(value: object): string {
  return JSON.stringify(value).replace(textOrExponential, (token) =>
    token.startsWith('"') ? token : plainDigits(token),
  );
}

/**
 * Writes JSON in ASCII, with everything else escaped. For a body with Chinese the reference (8.1) asks for `charset=utf8`, which
 * other servers do not know; ASCII needs no such parameter.
 */
export function writeJson(value: object): string {
  return jsonInDigits(value).replace(
    /[\u0080-\uffff]/g,
    (sign) => `\\u${sign.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}
