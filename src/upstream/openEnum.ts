import type { Wire } from './json.ts';
import { text } from './wire.ts';

/** The known values of an enum of the service, each with its description. */
export type EnumValues = Readonly<Record<string, string>>;

/** A known value of an enum, such as callers give. */
export type EnumValueOf<Known extends EnumValues> = keyof Known & string;

/** A value of an open enum: a known one, else UNKNOWN, and the raw text beside it. */
export interface OpenEnum<Known extends EnumValues> {
  readonly value: EnumValueOf<Known> | 'UNKNOWN';
  readonly text: string | null;
}

/** Makes a reader for an open enum. `aliases` maps misspellings and old names to known values. */
export function openEnumReader<Known extends EnumValues>(
  known: Known,
  aliases: Readonly<Record<string, EnumValueOf<Known>>> = {},
) {
  /** Values in their usual spelling: all rows share one object. */
  const asWritten = new Map<Wire, OpenEnum<Known>>(
    Object.keys(known).map((value) => [value, Object.freeze({ value, text: value })]),
  );
  return (raw: Wire): OpenEnum<Known> => {
    const plain = asWritten.get(raw);
    if (plain !== undefined) return plain;
    const written = text(raw);
    const name = written?.trim().toUpperCase() ?? '';
    return { value: Object.hasOwn(known, name) ? name : (aliases[name] ?? 'UNKNOWN'), text: written };
  };
}
