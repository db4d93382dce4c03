import type { Wire } from './json.ts';
import { text } from './wire.ts';

/** The words that an enum of the service is known to use, each with what it means. */
export type Words = Readonly<Record<string, string>>;

/** A word of the service: the known one it is, else UNKNOWN, with the raw text beside it. */
export interface Word<Known extends Words> {
  readonly word: (keyof Known & string) | 'UNKNOWN';
  readonly text: string | null;
}

/** Makes a reader for words. `aliases` lists misspellings and old names by the word they stand for. */
export function wordReader<Known extends Words>(
  known: Known,
  aliases: Readonly<Record<string, keyof Known & string>> = {},
) {
  return (raw: Wire): Word<Known> => {
    const written = text(raw);
    const name = written?.trim().toUpperCase() ?? '';
    return { word: Object.hasOwn(known, name) ? name : (aliases[name] ?? 'UNKNOWN'), text: written };
  };
}
