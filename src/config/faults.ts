import { distance } from 'fastest-levenshtein';
import * as z from 'zod';

/** One fault: its path and what was expected there. Values are never shown: they can be secrets. */
export interface ConfigFault {
  readonly path: string;
  readonly expected: string;
}

/** The configuration is invalid. `faults` holds all faults. */
export class ConfigError extends Error {
  readonly faults: readonly ConfigFault[];

  constructor(source: string, faults: readonly ConfigFault[]) {
    super(
      [`${source} has ${faults.length === 1 ? 'a fault' : `${faults.length} faults`}:`]
        .concat(faults.map(({ path, expected }) => `  ${path}: ${expected}`))
        .join('\n'),
    );
    this.name = 'ConfigError';
    this.faults = faults;
  }
}

/** The path of a fault that belongs to no key. */
export const wholeFile = '(the whole file)';

/** Names of types in faults. */
const typeNames: Readonly<Record<string, string>> = {
  string: 'a text',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  array: 'a list',
  object: 'a map of keys',
};

/** Messages for issues without one of their own. Zod's messages repeat values, and are written for programmers. */
export function issueText(issue: z.core.$ZodRawIssue): string {
  return issue.code === 'invalid_type' ? (typeNames[issue.expected] ?? 'another value') : 'another value';
}

/** Above this distance a key is another word, not a typo. */
function maxEdits(key: string): number {
  return Math.floor(key.length * 0.4) + 1;
}

/** The schema of the file's own value, without defaults and transforms around it. */
function unwrap(schema: z.core.$ZodType): z.core.$ZodType {
  if (schema instanceof z.ZodOptional || schema instanceof z.ZodDefault || schema instanceof z.ZodPrefault)
    return unwrap(schema.unwrap());
  return schema instanceof z.ZodPipe ? unwrap(schema.in) : schema;
}

/** The keys that are allowed at a path. */
function keysAt(schema: z.core.$ZodType, [step, ...below]: readonly PropertyKey[]): readonly string[] {
  const plain = unwrap(schema);
  if (plain instanceof z.ZodArray) return keysAt(plain.element, below);
  if (plain instanceof z.ZodUnion)
    return plain.options.flatMap((option) => keysAt(option, step === undefined ? [] : [step, ...below]));
  if (!(plain instanceof z.ZodObject)) return [];
  if (step === undefined) return Object.keys(plain.shape);
  const inner = plain.shape[step as string] as z.core.$ZodType | undefined;
  return inner === undefined ? [] : keysAt(inner, below);
}

/** Removed keys, with what to do instead. */
const removedKeys: Readonly<Record<string, string>> = {
  eventLoopLagMs:
    'no such key any more; leave it out: queries wait for their turn, and are refused only when they would come too late',
};

function unknownKey(key: string, known: readonly string[]): string {
  const removed = Object.hasOwn(removedKeys, key) ? removedKeys[key] : undefined;
  if (removed !== undefined) return removed;
  const edits = (other: string): number => distance(key.toLowerCase(), other.toLowerCase());
  const similar = known
    .filter((other) => edits(other) <= maxEdits(key))
    .sort((one, other) => edits(one) - edits(other))[0];
  return similar === undefined ? 'no such key' : `no such key; did you mean ${similar}?`;
}

/** The faults of one Zod issue. */
export function faultsOf(issue: z.core.$ZodIssue, schema: z.core.$ZodType): readonly ConfigFault[] {
  const path = issue.path.join('.');
  if (issue.code === 'unrecognized_keys')
    return issue.keys.map((key) => ({
      path: path ? `${path}.${key}` : key,
      expected: unknownKey(key, keysAt(schema, issue.path)),
    }));
  return [{ path: path || wholeFile, expected: issue.message }];
}
