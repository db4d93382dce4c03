/**
 * Loads each key once per operation: equal keys, compared by their JSON, share one promise. Failures are remembered too.
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
