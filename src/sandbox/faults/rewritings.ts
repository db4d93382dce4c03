import type { Json } from '../contract/contract.ts';

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

function flags(write: (isSet: boolean) => Json) {
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

function times(write: (ms: number) => Json) {
  return {
    kinds: ['Timestamp'] as const,
    value: (value: Json): Json => {
      const ms = milliseconds(value);
      return isNever(value) || ms === undefined ? value : write(ms);
    },
  };
}

function never(written: Json) {
  return {
    kinds: ['Timestamp'] as const,
    value: (value: Json): Json => (isNever(value) ? written : value),
  };
}

function numbersAsText(value: Json): Json {
  return typeof value === 'number' ? String(value) : value;
}

function textAsNumber(value: Json): Json {
  return typeof value === 'string' && /^-?\d+(\.\d+)?$/.test(value) && Number.isSafeInteger(Math.trunc(Number(value)))
    ? Number(value)
    : value;
}

function parsed(value: Json): Json {
  if (typeof value !== 'string') return value;
  try {
    return JSON.parse(value) as Json;
  } catch {
    return value;
  }
}

/** Renames properties, and drops the old name. */
function renamed(pairs: Readonly<Record<string, string>>) {
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
const twins = { column_list: 'columnList', is_high_avail: 'highAvail', creator_name: 'creatorName' };

function isStructural(property: string): boolean {
  return /^id$|_id$|^lists$|^total$|^data$|^token$/.test(property);
}

const misspelledValues: Readonly<Record<string, string>> = { SUBMITING: 'SUBMITTING', UPGRADING: 'UPGRADEING' };

/** Id properties of rows, the row's own first. */
const rowIds = ['id', 'agent_id', 'job_id'];

/** Properties that hold rows. */
const listNames = ['lists', 'dataset'];

/** Changes the first row of a list. */
function withFirstRow(change: (row: Json) => Json) {
  return (value: JsonObject): JsonObject =>
    Object.fromEntries(
      Object.entries(value).map(([name, held]) => {
        if (!listNames.includes(name) || !Array.isArray(held)) return [name, held];
        const [first, ...others] = held;
        return [name, first === undefined ? held : [change(first), ...others]];
      }),
    );
}

function withoutId(row: Json): Json {
  const name = isObject(row) ? rowIds.find((id) => id in row) : undefined;
  return isObject(row) && name !== undefined ? { ...row, [name]: null } : row;
}

function multihotText(ext: Json | undefined): Json {
  if (ext === undefined || !isObject(ext) || !Array.isArray(ext.multihot_settings)) return ext ?? null;
  return JSON.stringify(
    ext.multihot_settings.map((group) =>
      isObject(group) && Array.isArray(group.features)
        ? { ...group, features: group.features.filter((name) => typeof name === 'string').join(',') }
        : group,
    ),
  );
}

export const rewritings: readonly Rewriting[] = [
  { name: 'flagsAsBooleans', description: 'Truth values as true and false.', ...flags((isSet) => isSet) },
  { name: 'flagsAsText', description: 'Truth values as "true" and "false".', ...flags((isSet) => String(isSet)) },
  { name: 'flagsAsNumbers', description: 'Truth values as 1 and 0.', ...flags((isSet) => (isSet ? 1 : 0)) },
  { name: 'flagsAsDigits', description: 'Truth values as "1" and "0".', ...flags((isSet) => (isSet ? '1' : '0')) },
  {
    name: 'timesAsIso',
    description: 'Times as ISO 8601 with milliseconds and an offset.',
    ...times((ms) => new Date(ms).toISOString().replace('Z', '+00:00')),
  },
  {
    name: 'timesAsShanghaiIso',
    description: 'Times as ISO 8601 with the offset of Shanghai.',
    ...times((ms) => new Date(ms + 8 * 3_600_000).toISOString().replace('Z', '+08:00')),
  },
  { name: 'timesAsEpoch', description: 'Times as milliseconds since 1970.', ...times((ms) => ms) },
  { name: 'timesAsEpochText', description: 'Times as digits of milliseconds since 1970.', ...times(String) },
  { name: 'neverAsZero', description: 'Times that never came as 0.', ...never(0) },
  { name: 'neverAsZeroText', description: 'Times that never came as "0".', ...never('0') },
  { name: 'neverAsEmptyText', description: 'Times that never came as an empty string.', ...never('') },
  { name: 'neverAsNull', description: 'Times that never came as null.', ...never(null) },
  { name: 'countsAsText', description: 'Counters as digits.', kinds: ['Count'], value: numbersAsText },
  { name: 'decimalsAsText', description: 'Decimal numbers as digits.', kinds: ['Decimal'], value: numbersAsText },
  { name: 'decimalsAsNumbers', description: 'Decimal numbers as numbers.', kinds: ['Decimal'], value: textAsNumber },
  {
    name: 'jsonTextAsJson',
    description: 'JSON in strings as the document itself.',
    kinds: ['JsonText'],
    value: parsed,
  },
  {
    name: 'jsonAsJsonText',
    description: 'JSON documents as strings that hold them.',
    kinds: ['JsonText'],
    value: (value) => (value === null || typeof value === 'string' ? value : JSON.stringify(value)),
  },
  {
    name: 'jsonTextBroken',
    description: 'JSON in strings cut off, so that only the raw text is left to tell.',
    changesMeaning: true,
    kinds: ['JsonText'],
    value: (value) => {
      const text = value === null || typeof value === 'string' ? value : JSON.stringify(value);
      return text === null || text === '' ? text : `{"cut off": [${text.slice(0, -1)}`;
    },
  },
  {
    name: 'misspelledEnumValues',
    description: 'SUBMITTING and UPGRADEING, as some tables of the reference spell them.',
    kinds: ['Enum'],
    enumValues: Object.keys(misspelledValues),
    value: (value) => (typeof value === 'string' ? (misspelledValues[value] ?? value) : value),
  },
  {
    name: 'unknownEnumValues',
    description: 'Words of enumerations that nobody has listed.',
    changesMeaning: true,
    kinds: ['Enum'],
    value: (value) => (value === null || value === '' ? value : 'BRAND_NEW'),
  },
  {
    name: 'snakeCaseNames',
    description: 'column_list, is_high_avail and creator_name, not their twins in camel case.',
    properties: Object.values(twins),
    object: renamed(Object.fromEntries(Object.entries(twins).map(([snake, camel]) => [camel, snake]))),
  },
  {
    name: 'camelCaseNames',
    description: 'columnList, highAvail and creatorName, not their twins in snake case.',
    properties: Object.values(twins),
    object: renamed(twins),
  },
  {
    name: 'connectorStatusAsStatus',
    description: 'A connector says its state in status only.',
    properties: ['connector_status'],
    object: renamed({ connector_status: 'status' }),
  },
  {
    name: 'statusAsConnectorStatus',
    description: 'A connector says its state in connector_status only.',
    properties: ['connector_status'],
    object: renamed({ status: 'connector_status' }),
  },
  {
    name: 'multihotAsText',
    description: 'Multihot settings of a file as the bare list of groups in a string, features joined by commas.',
    properties: ['auto_generate_data'],
    object: (value) => ({ ...value, ext: multihotText(value.ext) }),
  },
  {
    name: 'tokenStatus200',
    description: 'A sign-in that succeeded says status 200 instead of 0.',
    only: ['createAgentToken'],
    properties: ['data'],
    object: (value) => (value.status === 0 ? { ...value, status: 200 } : value),
  },
  {
    name: 'tokenStatus400',
    description: 'A wrong password says status 400 instead of 6.',
    only: ['createAgentToken'],
    properties: ['data'],
    object: (value) => (value.status === 6 ? { ...value, status: 400 } : value),
  },
  {
    name: 'agentErrorsAsStatus',
    description: 'Errors of the agent plane as { status, message }.',
    agentError: (status, body) => ({ status, message: body.error_msg ?? body.message ?? '' }),
  },
  {
    name: 'rowWithoutId',
    description: 'The first row of a list has no id.',
    changesMeaning: true,
    properties: listNames,
    object: withFirstRow(withoutId),
  },
  {
    name: 'rowThatIsNull',
    description: 'The first row of a list is null.',
    changesMeaning: true,
    properties: listNames,
    object: withFirstRow(() => null),
  },
  {
    name: 'pagesCapped',
    description: 'A list gives two rows a call at most, however many are asked for.',
    // Not paged.
    except: ['listAvailableDatasets'],
    properties: ['lists'],
    object: (value) =>
      Array.isArray(value.lists) && 'total' in value ? { ...value, lists: value.lists.slice(0, 2) } : value,
  },
  {
    name: 'listsAreNull',
    description: 'A list gives no rows beside the total that counts them.',
    changesMeaning: true,
    properties: ['lists'],
    object: (value) => ('total' in value ? { ...value, lists: null } : value),
  },
  {
    name: 'extraProperties',
    description: 'Every object has a property that nobody has described.',
    object: (value) => ({ ...value, brand_new_property: { of: 'a newer version' } }),
  },
  {
    name: 'nullProperties',
    description: 'Everything but ids, rows and totals is null.',
    changesMeaning: true,
    object: (value) =>
      Object.fromEntries(Object.entries(value).map(([name, held]) => [name, isStructural(name) ? held : null])),
  },
  {
    name: 'absentProperties',
    description: 'Everything but ids, rows and totals is left out.',
    changesMeaning: true,
    object: (value) => Object.fromEntries(Object.entries(value).filter(([name]) => isStructural(name))),
  },
];
