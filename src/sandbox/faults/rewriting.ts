import type { Json } from '../contract/document.ts';

/** Schemas with several wire formats, and open enumerations. */
export type Kind = 'Flag' | 'Timestamp' | 'Count' | 'Decimal' | 'JsonText' | 'Enum';

export type JsonObject = { readonly [name: string]: Json };

export interface Rewriting {
  readonly name: string;
  readonly description: string;
  readonly changesMeaning?: true;
  /** Kinds of values to rewrite. */
  readonly kinds?: readonly Kind[];
  readonly value?: (value: Json) => Json;
  /** Restricts enumerations to those that know one of these values. */
  readonly enumValues?: readonly string[];
  /** Rewrites objects that declare one of these properties; all objects when undefined. */
  readonly properties?: readonly string[];
  readonly object?: (value: JsonObject) => JsonObject;
  /** Rewrites error bodies of the agent plane. */
  readonly agentError?: (status: number, body: JsonObject) => JsonObject;
  readonly only?: readonly string[];
  readonly except?: readonly string[];
}

export function isObject(value: Json): value is { [name: string]: Json } {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Timestamps of what has not happened. */
function isNever(value: Json): boolean {
  return value === null || value === 0 || value === '0' || value === '';
}

function isTrue(value: Json): boolean {
  return value === true || value === 1 || value === 'true' || value === '1';
}

export function flags(write: (isSet: boolean) => Json) {
  return {
    kinds: ['Flag'] as const,
    value: (value: Json): Json => (value === null || value === '' ? value : write(isTrue(value))),
  };
}

function milliseconds(value: Json): number | undefined {
  if (typeof value === 'number') return value;
  if (typeof value !== 'string') return undefined;
  const parsed = /^\d+$/.test(value) ? Number(value) : Date.parse(value);
  return Number.isNaN(parsed) ? undefined : parsed;
}

export function times(write: (ms: number) => Json) {
  return {
    kinds: ['Timestamp'] as const,
    value: (value: Json): Json => {
      const ms = milliseconds(value);
      return isNever(value) || ms === undefined ? value : write(ms);
    },
  };
}

export function never(written: Json) {
  return {
    kinds: ['Timestamp'] as const,
    value: (value: Json): Json => (isNever(value) ? written : value),
  };
}

export function numbersAsText(value: Json): Json {
  return typeof value === 'number' ? String(value) : value;
}

export function textAsNumber(value: Json): Json {
  return typeof value === 'string' && /^-?\d+(\.\d+)?$/.test(value) && Number.isSafeInteger(Math.trunc(Number(value)))
    ? Number(value)
    : value;
}

export function parsed(value: Json): Json {
  if (typeof value !== 'string') return value;
  try {
    return JSON.parse(value) as Json;
  } catch {
    return value;
  }
}

/** Renames properties, and drops the old name. */
export function renamed(pairs: Readonly<Record<string, string>>) {
  return (value: JsonObject): JsonObject => {
    const result: Record<string, Json> = { ...value };
    for (const [from, to] of Object.entries(pairs)) {
      if (!(from in result)) continue;
      result[to] ??= result[from] ?? null;
      delete result[from];
    }
    return result;
  };
}

/** Properties that the wire writes under two names. */
export const twins = { column_list: 'columnList', is_high_avail: 'highAvail', creator_name: 'creatorName' };

export function isStructural(property: string): boolean {
  return /^id$|_id$|^lists$|^total$|^data$|^token$/.test(property);
}

export const misspelledValues: Readonly<Record<string, string>> = { SUBMITING: 'SUBMITTING', UPGRADING: 'UPGRADEING' };

/** Id properties of rows, the row's own first. */
const rowIds = ['id', 'agent_id', 'job_id'];

/** Properties that hold rows. */
export const listNames = ['lists', 'dataset'];

/** Changes the first row of a list. */
export function withFirstRow(change: (row: Json) => Json) {
  return (value: JsonObject): JsonObject =>
    Object.fromEntries(
      Object.entries(value).map(([name, held]) => {
        if (!listNames.includes(name) || !Array.isArray(held)) return [name, held];
        const [first, ...others] = held;
        return [name, first === undefined ? held : [change(first), ...others]];
      }),
    );
}

export function withoutId(row: Json): Json {
  const name = isObject(row) ? rowIds.find((id) => id in row) : undefined;
  return isObject(row) && name !== undefined ? { ...row, [name]: null } : row;
}

export function multihotText(ext: Json | undefined): Json {
  if (ext === undefined || !isObject(ext) || !Array.isArray(ext.multihot_settings)) return ext ?? null;
  return JSON.stringify(
    ext.multihot_settings.map((group) =>
      isObject(group) && Array.isArray(group.features)
        ? { ...group, features: group.features.filter((name) => typeof name === 'string').join(',') }
        : group,
    ),
  );
}
