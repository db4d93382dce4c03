import type { FormattedExecutionResult } from 'graphql';
import type { LargeParts } from '../graphql/resultBudget.ts';

/** A piece of JSON of about so many characters is made at once. */
const pieceLength = 16_384;

/** UTF-8 has at most this many bytes for a unit of UTF-16. */
const bytesPerUnit = 3;

const scratch = Buffer.allocUnsafeSlow(16 * pieceLength);

/** Collects texts as UTF-8. Only one collects at a time: they share `scratch`. */
class Utf8Text {
  readonly #chunks: Buffer[] = [];
  #length = 0;

  add(text: string): void {
    const most = text.length * bytesPerUnit;
    if (most > scratch.length - this.#length) this.#empty();
    if (most > scratch.length) this.#chunks.push(Buffer.from(text));
    else this.#length += scratch.write(text, this.#length);
  }

  #empty(): void {
    this.#chunks.push(Buffer.from(scratch.subarray(0, this.#length)));
    this.#length = 0;
  }

  end(): Buffer {
    this.#empty();
    const [first] = this.#chunks;
    return this.#chunks.length === 1 && first !== undefined ? first : Buffer.concat(this.#chunks);
  }
}

function addList(items: readonly unknown[], largeParts: LargeParts, text: Utf8Text): void {
  const bytes = largeParts.get(items) ?? 0;
  const most = Math.max(1, Math.floor((pieceLength * items.length) / Math.max(1, bytes)));
  text.add('[');
  for (let first = 0; first < items.length;) {
    let end = first;
    while (end < items.length && end - first < most && !largeParts.has(items[end])) end += 1;
    if (first > 0) text.add(',');
    if (end > first) text.add(JSON.stringify(items.slice(first, end)).slice(1, -1));
    else addValue(items[end++], largeParts, text);
    first = end;
  }
  text.add(']');
}

function addObject(value: object, largeParts: LargeParts, text: Utf8Text): void {
  let separator = '{';
  for (const [name, field] of Object.entries(value)) {
    const prefix = `${separator}${JSON.stringify(name)}:`;
    if (largeParts.has(field)) {
      text.add(prefix);
      addValue(field, largeParts, text);
    } else {
      const json = JSON.stringify(field) as string | undefined;
      if (json === undefined) continue;
      text.add(prefix + json);
    }
    separator = ',';
  }
  text.add(separator === '{' ? '{}' : '}');
}

function addValue(value: unknown, largeParts: LargeParts, text: Utf8Text): void {
  if (Array.isArray(value)) addList(value, largeParts, text);
  else addObject(value as object, largeParts, text);
}

/**
 * What `JSON.stringify` makes of a result, as UTF-8, in pieces: V8 takes memory for each string of more than 128 kB from the
 * operating system, page by page.
 *
 * @param largeParts - objects and lists of its data that are written in parts
 */
export function jsonBytes(result: FormattedExecutionResult, largeParts: LargeParts): Buffer {
  const text = new Utf8Text();
  if (largeParts.has(result.data)) addObject(result, largeParts, text);
  else text.add(JSON.stringify(result));
  return text.end();
}
