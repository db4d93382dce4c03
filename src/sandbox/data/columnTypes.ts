import type { DatasetColumn } from '../model/world.ts';

/** Storage kind of a column. The reference has no closed list of types: unknown ones are text. */
export type ValueKind = 'text' | 'bytes' | 'integer' | 'double' | 'decimal' | 'date' | 'timestamp' | 'time' | 'boolean';

export interface ColumnType {
  readonly kind: ValueKind;
  /** Of text and bytes. */
  readonly maxLength: number | undefined;
  /** Total digits of an integer or decimal. */
  readonly precision: number;
  /** Digits after the decimal point. */
  readonly scale: number;
}

/** Decimal digits that a double keeps exactly. */
const maxPrecision = 15;

/** Digits that fit the type in any database. */
const integerDigits: readonly (readonly [name: RegExp, digits: number])[] = [
  [/^(TINYINT|INT1|BYTE)$/, 2],
  [/^(SMALLINT|INT2|SHORT|SMALLSERIAL)$/, 4],
  [/^YEAR$/, 4],
  [/^(MEDIUMINT|INT3)$/, 6],
  [/^(INT|INTEGER|INT4|SERIAL)$/, 9],
  [/^(BIGINT|INT8|LONG|BIGSERIAL|HUGEINT)$/, maxPrecision],
];

const kinds: readonly (readonly [name: RegExp, kind: ValueKind])[] = [
  [/^(FLOAT|FLOAT4|FLOAT8|DOUBLE|DOUBLE PRECISION|REAL|BINARY_FLOAT|BINARY_DOUBLE)$/, 'double'],
  [/^(DECIMAL|DEC|NUMERIC|NUMBER|MONEY|FIXED)$/, 'decimal'],
  [/^(TIMESTAMP|TIMESTAMPTZ|DATETIME|DATETIME2|SMALLDATETIME)\b/, 'timestamp'],
  [/^DATE$/, 'date'],
  [/^(TIME|TIMETZ)\b/, 'time'],
  [/^BOOL(EAN)?$/, 'boolean'],
  [/^((TINY|MEDIUM|LONG)?BLOB|BYTEA|(VAR)?BINARY|BINARY VARYING|(LONG )?RAW|LONG VARBINARY|IMAGE)$/, 'bytes'],
];

/**
 * Parses a type such as `DECIMAL(4,2)`, `NUMBER(10)`, `INT UNSIGNED`, `LONG VARCHAR` or `LONGBLOB`. The column's
 * `length` and `scale` are the defaults.
 */
export function columnTypeOf({ dataType, length, scale }: DatasetColumn): ColumnType {
  const written = dataType.trim().toUpperCase();
  const [, first, second] = /\(\s*(\d+)\s*(?:CHAR|BYTE)?\s*(?:,\s*(-?\d+)\s*)?\)/.exec(written) ?? [];
  const name = written
    .replace(/\(.*?\)/g, ' ')
    .replace(/\b(UNSIGNED|SIGNED|ZEROFILL)\b/g, ' ')
    .replace(/\s+/g, ' ')
    .trim();
  const size = first === undefined ? undefined : Number(first);
  const digits = integerDigits.find(([pattern]) => pattern.test(name))?.[1];
  if (digits !== undefined) return number('integer', digits, 0);
  if (name === 'BIT') return size === undefined || size === 1 ? plain('boolean') : plain('bytes', size);
  const kind = kinds.find(([pattern]) => pattern.test(name))?.[1] ?? 'text';
  switch (kind) {
    case 'decimal': {
      const decimals =
        second === undefined ? (size === undefined ? (scale ?? (name === 'NUMBER' ? 0 : 2)) : 0) : Number(second);
      const precision = Math.max(1, Math.min(size ?? length ?? 18, 38));
      return decimals <= 0
        ? number('integer', precision, 0)
        : number('decimal', precision, Math.min(decimals, precision));
    }
    case 'double':
      return { kind, maxLength: undefined, precision: maxPrecision, scale: Math.min(Math.max(0, scale ?? 6), 12) };
    default:
      return plain(kind, size ?? length);
  }
}

function plain(kind: ValueKind, maxLength?: number): ColumnType {
  return { kind, maxLength, precision: maxPrecision, scale: 0 };
}

function number(kind: 'integer' | 'decimal', precision: number, scale: number): ColumnType {
  return { kind, maxLength: undefined, precision, scale };
}

/** Fits a number to the type's range and scale. */
export function fitNumber({ kind, precision, scale }: ColumnType, value: number): number {
  if (kind === 'double') return rounded(value, scale);
  const limit = 10 ** Math.min(precision - scale, maxPrecision);
  const step = 10 ** -scale;
  // Wraps around: clamping would make all values beyond the limit equal.
  const within = Math.abs(value) < limit ? value : value % limit;
  const fitted = rounded(within, scale);
  return Math.abs(fitted) < limit ? fitted : rounded(Math.sign(fitted) * (limit - step), scale);
}

function rounded(value: number, digits: number): number {
  return Number(value.toFixed(Math.min(digits, 12)));
}

const dayMs = 86_400_000;

export function fitMoment(kind: 'date' | 'timestamp' | 'time', ms: number): string {
  const iso = new Date(ms).toISOString();
  return kind === 'date' ? iso.slice(0, 10) : kind === 'time' ? iso.slice(11, 19) : iso.slice(0, 19).replace('T', ' ');
}

const firstDayMs = Date.UTC(2023, 0, 1);

/** Maps a small number to a value of the type; equal numbers, equal values. */
export function fitIndex(type: ColumnType, index: number): string | number {
  switch (type.kind) {
    case 'text':
      return String(index).slice(0, type.maxLength);
    case 'bytes':
      return hexOf(index, type.maxLength);
    case 'integer':
    case 'double':
    case 'decimal':
      return fitNumber(type, index);
    case 'boolean':
      return index % 2;
    case 'date':
    case 'timestamp':
      return fitMoment(type.kind, firstDayMs + index * dayMs);
    case 'time':
      return fitMoment(type.kind, (index * 60_000) % dayMs);
  }
}

function hexOf(index: number, maxLength = 8): string {
  return index
    .toString(16)
    .padStart(2 * Math.min(maxLength, 4), '0')
    .slice(0, Math.max(1, maxLength) * 2);
}

/** Maps a standard normal score to a value of the type. `measured` is the score scaled for numeric types. */
export function fitScore(type: ColumnType, score: number, measured: number): string | number {
  switch (type.kind) {
    case 'integer':
    case 'double':
    case 'decimal':
      return fitNumber(type, measured);
    case 'boolean':
      return Number(score > 0);
    case 'text':
      return type.maxLength === undefined
        ? rounded(measured, 6)
        : String(rounded(measured, 6)).slice(0, type.maxLength);
    case 'bytes':
      return hexOf(Math.max(0, Math.floor((score + 8) * 1000)), type.maxLength);
    case 'date':
    case 'timestamp':
      return fitMoment(type.kind, firstDayMs + Math.floor((score + 8) * 45 * 24) * (dayMs / 24));
    case 'time':
      return fitMoment(type.kind, Math.floor(((score + 8) / 16) * 86_399) * 1000);
  }
}
