/**
 * Remembers what was asked, so that one operation asks each thing once: the same key, compared by its JSON, shares one
 * promise. Failures are remembered too; they belong to the operation like any answer.
 */
export function memo<Key, Value>(load: (key: Key) => Promise<Value>): (key: Key) => Promise<Value> {
  const known = new Map<string, Promise<Value>>();
  return (key) => {
    const name = JSON.stringify(key);
    const found = known.get(name);
    if (found !== undefined) return found;
    const asked = load(key);
    known.set(name, asked);
    return asked;
  };
}
