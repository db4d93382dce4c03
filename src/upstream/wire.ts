import type { Wire } from './json.ts';
import { parseJson, plainDigits, type parseLosslessJson } from './json.ts';

/**
 * Readers for the various wire formats of one type. Each takes any JSON value and returns a plain value or null: an unknown format
 * costs that value, never its row.
 */

/** Text. Numbers and booleans are written out; null, absent and other shapes are null. */
export function text(raw: Wire): string | null {
  if (typeof raw === 'string') return raw;
  return typeof raw === 'number' || typeof raw === 'boolean' || typeof raw === 'bigint' ? String(raw) : null;
}

/** A boolean: `true`, `"true"`, `1` or `"1"`, and their opposites. */
export function flag(raw: Wire): boolean | null {
  const word = text(raw)?.trim().toLowerCase();
  if (word === 'true' || word === '1') return true;
  return word === 'false' || word === '0' ? false : null;
}

/** A whole number of up to 64 bits: a number where JavaScript holds it exactly, else its digits. */
export type Long = number | string;

const maxLong = 2n ** 63n;

/** A 64-bit counter: a number or digits, also with an exponent or with zeros behind the point. Null for longer ones. */
export function count(raw: Wire): Long | null {
  if (typeof raw === 'number' && Number.isSafeInteger(raw)) return raw;
  const [, digits] = /^(-?\d{1,19})(?:\.0*)?$/.exec(decimal(raw) ?? '') ?? [];
  if (digits === undefined) return null;
  const value = Number(digits);
  if (Number.isSafeInteger(value)) return value;
  const whole = BigInt(digits);
  return whole < maxLong && whole >= -maxLong ? digits : null;
}

/** A whole number that fits a GraphQL Int, such as a round or a port. */
export function integer(raw: Wire): number | null {
  const value = count(raw);
  return typeof value === 'number' && Math.abs(value) <= 2_147_483_647 ? value : null;
}

/** A decimal number by its digits, without an exponent: `0.0000001`. */
export type Decimal = string;

const decimalForm = /^[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d{1,3})?$/;

/** The digits of a decimal number, from a number or a text. Keeps every digit. Null for anything else, and for infinities. */
export function decimal(raw: Wire): Decimal | null {
  const written = text(raw)?.trim();
  if (written === undefined || !decimalForm.test(written) || !Number.isFinite(Number(written))) return null;
  const [, sign = '', whole = '', fraction = '', exponent = ''] =
    /^[+]?(-?)(\d*)(?:\.(\d*))?(?:[eE](.+))?$/.exec(written) ?? [];
  const digits = `${sign}${whole || '0'}${fraction && `.${fraction}`}`;
  return exponent === '' ? digits : plainDigits(`${digits}e${exponent}`);
}

/** A JavaScript number, for measured values. NaN and infinities are null. */
export function number(raw: Wire): number | null {
  const digits = text(raw)?.trim();
  if (digits === undefined || digits === '') return null;
  const value = Number(digits);
  return Number.isFinite(value) ? value : null;
}

/** A number when JavaScript holds all its digits, else the digits. Null for anything else. */
export function exactNumber(raw: Wire): number | Decimal | null {
  const value = number(raw);
  const digits = decimal(raw);
  if (value === null || digits === null) return value;
  const significant = digits.includes('.') ? digits.replace(/\.?0+$/, '') : digits;
  return plainDigits(String(value)) === significant ? value : digits;
}

/** The usual form of an instant. Days up to 28, which every month has; without the epoch, which means never. */
const utcForm =
  /^(?!1970-01-01)[1-9]\d{3}-(?:0[1-9]|1[0-2])-(?:0[1-9]|1\d|2[0-8])T(?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d\.\d{3}(?:Z|[+-]00:?00)$/;

const earliestMs = Date.UTC(1, 0, 1);
const latestMs = Date.UTC(9999, 11, 31);

function iso(ms: number): string | null {
  return ms !== 0 && ms >= earliestMs && ms <= latestMs ? new Date(ms).toISOString() : null;
}

/** Date, then optionally time of day and zone: `2022-10-08T08:54:26.000+00:00`, `2022/11/03 21:34:35 GMT+8:00`. */
const instantForm =
  /^(\d{4})[-/](\d{1,2})[-/](\d{1,2})(?:[T ]+(\d{1,2}):(\d{2})(?::(\d{2})(?:[.,](\d{1,9}))?)?)?\s*(?:Z|(?:UTC|GMT)?(?:([+-])(\d{1,2}):?(\d{2})?)?)$/i;

/** A day, or a day with a time of day, in digits alone: `20221008`, `20221008085426`, with milliseconds too. */
const compactForm = /^((?:19|20)\d\d)(\d\d)(\d\d)(?:(\d\d)(\d\d)(\d\d)(\d{3})?)?$/;

/** Smaller numbers are seconds since the epoch: as milliseconds they would be before the spring of 1973. */
const minEpochMs = 1e11;

/** A date and time in UTC; NaN for ones that do not exist, such as February 30 or 25:00. */
function utcMs(year: number, month: number, day: number, hour: number, minute: number, second: number): number {
  if (hour > 23 || minute > 59 || second > 59) return NaN;
  const ms = Date.UTC(year, month - 1, day, hour, minute, second);
  const read = new Date(ms);
  // Date.UTC takes the years 0 to 99 for 1900 to 1999, and carries days over into the next month.
  const isSame = read.getUTCDate() === day && read.getUTCMonth() === month - 1 && read.getUTCFullYear() === year;
  return isSame ? ms : NaN;
}

/** The instant that digits tell: by the calendar, or since the epoch. */
function instantInDigits(digits: string): string | null {
  const [, year, month, day, hour = '00', minute = '00', second = '00', fraction = '000'] =
    compactForm.exec(digits) ?? [];
  if (year !== undefined) return instant(`${year}-${month}-${day}T${hour}:${minute}:${second}.${fraction}Z`);
  const value = Number(digits);
  return iso(value < minEpochMs ? Math.round(value * 1000) : value);
}

/**
 * An instant, as ISO 8601 in UTC: from a date with or without time of day and zone, from the same in digits alone, or from epoch
 * milliseconds or seconds as a number or as digits (0 means never). Without a zone it is UTC. Null for a day that does not exist, such
 * as February 30.
 */
export function instant(raw: Wire): string | null {
  const written = text(raw)?.trim();
  if (!written) return null;
  // The fast path: every row has dates.
  if (utcForm.test(written)) return `${written.slice(0, 23)}Z`;
  if (/^\d{1,17}(?:\.\d*)?(?:[eE]\+?\d{1,2})?$/.test(written)) return instantInDigits(written);
  const parts = instantForm.exec(written);
  if (parts === null) return null;
  const [, year, month, day, hour, minute, second, fraction, sign, zoneHours, zoneMinutes] = parts;
  const [y, mo, d, h, mi, s] = [year, month, day, hour, minute, second].map((part) => Number(part ?? 0));
  const zoneMs = (Number(zoneHours ?? 0) * 60 + Number(zoneMinutes ?? 0)) * 60_000 * (sign === '-' ? -1 : 1);
  const fractionMs = Math.floor(Number(`0.${fraction ?? 0}`) * 1000);
  return iso(utcMs(y ?? 0, mo ?? 0, d ?? 0, h ?? 0, mi ?? 0, s ?? 0) + fractionMs - zoneMs);
}

/** A duration in milliseconds: a number, digits, or `359ms`, `12s`, `3min`, `2h`. */
export function durationMs(raw: Wire): Long | null {
  const written = text(raw)?.trim() ?? '';
  const [, amount, unit] = /^(\d+(?:\.\d+)?)\s*(ms|s|m|min|h)$/i.exec(written) ?? [];
  if (amount === undefined || unit === undefined) return count(written);
  const unitMs = { ms: 1, s: 1000, m: 60_000, min: 60_000, h: 3_600_000 }[unit.toLowerCase()] ?? 1;
  return Math.round(Number(amount) * unitMs);
}

/** A JSON document with the text it came from. */
export interface JsonText {
  readonly text: string | null;
  /** Parsed on access. Undefined when the text is not JSON. */
  readonly value: Wire;
}

/** JSON inside a string. */
class WrittenJson implements JsonText {
  readonly text: string;
  readonly #parse: (text: string) => Wire;

  constructor(text: string, parse: (text: string) => Wire) {
    this.text = text;
    this.#parse = parse;
  }

  get value(): Wire {
    if (this.text.trim() === '') return undefined;
    try {
      return this.#parse(this.text);
    } catch {
      return undefined;
    }
  }
}

/**
 * JSON inside a string, or the document itself. Other text is kept as text.
 *
 * @param parse - `parseLosslessJson` to keep the digits of its numbers
 */
export function jsonText(raw: Wire, parse: typeof parseJson | typeof parseLosslessJson = parseJson): JsonText {
  if (raw === null || raw === undefined) return { text: null, value: undefined };
  return typeof raw === 'string' ? new WrittenJson(raw, parse) : { text: JSON.stringify(raw), value: raw };
}

/** The rows of a list; null, absent and other shapes are an empty list, and null elements are left out. */
export function rows<Row>(raw: readonly (Row | null | undefined)[] | null | undefined): Row[] {
  return Array.isArray(raw) ? raw.filter((row): row is Row => row !== null && row !== undefined) : [];
}

/** The elements of a comma-separated list. Ignores a trailing comma. */
export function commaList(raw: Wire): string[] {
  return Array.isArray(raw)
    ? raw.flatMap(commaList)
    : (text(raw) ?? '')
        .split(/[,，]/)
        .map((element) => element.trim())
        .filter((element) => element !== '');
}

/** `raw` if it is an object, else an empty one. */
export function record(raw: Wire): Readonly<Record<string, Wire>> {
  return typeof raw === 'object' && raw !== null && !Array.isArray(raw) ? (raw as Record<string, Wire>) : {};
}
