/** Limits of entries and of characters. */
const maxTexts = 1_000;
const maxChars = 5_000_000;

/** An LRU cache keyed by texts, bounded in entries and characters. */
export class RecentTexts<Value> {
  readonly #entries = new Map<string, { readonly value: Value; readonly chars: number }>();
  #chars = 0;

  get(key: string): Value | undefined {
    const entry = this.#entries.get(key);
    if (entry === undefined) return undefined;
    this.#entries.delete(key);
    this.#entries.set(key, entry);
    return entry.value;
  }

  delete(key: string): void {
    this.#chars -= this.#entries.get(key)?.chars ?? 0;
    this.#entries.delete(key);
  }

  /** @param chars - the length of the text, which may be the key or the value */
  add(key: string, value: Value, chars: number): void {
    if (this.#entries.has(key)) return;
    this.#entries.set(key, { value, chars });
    this.#chars += chars;
    for (const [oldest, entry] of this.#entries) {
      if (this.#entries.size <= maxTexts && this.#chars <= maxChars) break;
      this.#entries.delete(oldest);
      this.#chars -= entry.chars;
    }
  }
}

/** Limit of texts memoized per function. */
const maxRemembered = 200;
const maxRememberedLength = 500;

/** Memoizes a function of short texts that clients repeat, such as headers. */
export function remembered<Value>(read: (text: string) => Value): (text: string) => Value {
  const known = new Map<string, Value>();
  return (text) => {
    const found = known.get(text);
    if (found !== undefined) return found;
    const value = read(text);
    if (text.length > maxRememberedLength) return value;
    if (known.size >= maxRemembered) known.clear();
    known.set(text, value);
    return value;
  };
}
