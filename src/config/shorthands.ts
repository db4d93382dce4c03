type PlainMap = Readonly<Record<string, unknown>>;

function isMap(value: unknown): value is PlainMap {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** `true` is a map without keys: all of it by default. */
function mapOf(value: unknown): unknown {
  return value === true ? {} : value;
}

function callersOf(callers: unknown): unknown {
  if (callers === 'anonymous') return { anonymous: {} };
  if (!isMap(callers)) return callers;
  return Object.fromEntries(Object.entries(callers).map(([kind, value]) => [kind, mapOf(value)]));
}

/** Writes out what the file may say in a word: `callers: anonymous`, and `true` for a kind of callers. */
export function expandShorthands(file: unknown): unknown {
  return isMap(file) && 'callers' in file ? { ...file, callers: callersOf(file['callers']) } : file;
}
