type PlainMap = Readonly<Record<string, unknown>>;

function isMap(value: unknown): value is PlainMap {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** `true` stands for an empty map: all defaults. */
function mapOf(value: unknown): unknown {
  return value === true ? {} : value;
}

function callersOf(callers: unknown): unknown {
  if (callers === 'anonymous') return { anonymous: {} };
  if (!isMap(callers)) return callers;
  return Object.fromEntries(
    Object.entries(callers).map(([kind, value]) => [kind, kind === 'jwt' && isMap(value) ? [value] : mapOf(value)]),
  );
}

/** Shorthands by key. */
const shorthands: Readonly<Record<string, (value: unknown) => unknown>> = {
  callers: callersOf,
  bi: (value) => (value === 'off' || value === false ? { storage: 'off' } : mapOf(value)),
};

/** BI rows are stored in a file when `dataDirectory` is set. */
function withStorage(file: PlainMap): PlainMap {
  const { bi = {}, dataDirectory } = file;
  return dataDirectory === undefined || !isMap(bi) ? file : { ...file, bi: { storage: 'file', ...bi } };
}

/** Expands shorthands: `callers: anonymous`, `bi: off`, and `true` for a kind of callers. */
export function expandShorthands(file: unknown): unknown {
  if (!isMap(file)) return file;
  const written = Object.fromEntries(
    Object.entries(file).map(([key, value]) => [
      key,
      Object.hasOwn(shorthands, key) ? shorthands[key]?.(value) : value,
    ]),
  );
  return withStorage(written);
}
