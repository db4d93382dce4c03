import { parse as parseLossless } from 'lossless-json';

/** Whatever JSON gave: read it with the readers of `wire.ts`, never by its type. */
export type Wire = unknown;

/** A number of so many digits where a value may stand; ids in quotes and decimals, of which there are many, are none. */
const longDigits = /(?:^|[:,[])\s*-?\d{16}/;

function numberOrDigits(digits: string): number | string {
  const value = Number(digits);
  return /^-?\d+$/.test(digits) && !Number.isSafeInteger(value) ? digits : value;
}

/** As `JSON.parse` has it, the last value of a key that comes twice counts. */
const options = { parseNumber: numberOrDigits, onDuplicateKey: ({ newValue }: { newValue: unknown }) => newValue };

/**
 * Parses JSON without losing digits: whole numbers above 2^53 become strings of their digits. Only a text that holds so
 * many digits pays for it; all others take `JSON.parse`.
 *
 * @throws SyntaxError when the text is not JSON.
 */
export function parseJson(text: string): Wire {
  return longDigits.test(text) ? parseLossless(text, undefined, options) : (JSON.parse(text) as Wire);
}

/**
 * Writes JSON in ASCII, everything else escaped: where a body holds Chinese, the service wants its character set named as
 * `charset=utf8` (reference 8.1), which is none to other servers. What holds none is read alike by all.
 */
export function writeJson(value: object): string {
  return JSON.stringify(value).replace(
    /[\u0080-\uffff]/g,
    (sign) => `\\u${sign.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}
