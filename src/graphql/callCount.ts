import { anchorCalls, numberedCalls, leftOutCalls, type ArgumentCondition, type FieldCall } from './calls.ts';

/** Rows of a connection whose `first` is left out, and objects of a list that does not tell its size. */
export const usualRows = 20;

/** Arguments of a field, coerced. */
export type Arguments = Readonly<Record<string, unknown>>;

function isGiven(value: unknown): boolean {
  return value !== undefined && value !== null;
}

/** All values of arguments called `id` or `ids`, in an `input` too. */
export function idsIn(args: Arguments): readonly string[] {
  const { id, ids, input } = args as { id?: string; ids?: readonly string[]; input?: Arguments };
  return [...(id ? [id] : []), ...(ids ?? []), ...(input ? idsIn(input) : [])];
}

/** Tells ids of a kind, such as `Job` or `Job/sql`. */
function ofKind(kind: string): (id: string) => boolean {
  const [type = '', word] = kind.split('/');
  const beginning = `${type}:`;
  return (id) => id.startsWith(beginning) && (word === undefined || id.split('/', 2)[1] === word);
}

/** True if the arguments fulfil a condition. */
export function holds(condition: ArgumentCondition, args: Arguments): boolean {
  if ('given' in condition) return [condition.given].flat().some((name) => isGiven(args[name]));
  if ('omitted' in condition) return ![condition.omitted].flat().some((name) => isGiven(args[name]));
  if ('idOf' in condition) return idsIn(args).some(ofKind(condition.idOf));
  const values = (args[condition.argument] ?? []) as readonly string[];
  return values.length === 0 || condition.oneOf.some((value) => values.includes(value));
}

/** Times that a claimed call is made: once, or once for each id in the arguments that a condition picks. */
export function timesOf(conditions: readonly ArgumentCondition[], args: Arguments): number {
  const kind = conditions.find((condition) => 'idOf' in condition);
  return kind === undefined ? 1 : idsIn(args).filter(ofKind(kind.idOf)).length;
}

/** Rows that a connection is asked for. */
export function rowsOf(args: Arguments): number {
  return typeof args['first'] === 'number' ? args['first'] : usualRows;
}

/** Calls of a list in addition to the requested pages. */
function callsBeyondPages({ isAnchored, isNumbered, leavesOut = '' }: FieldCall, args: Arguments): number {
  const goesOn = isGiven(args['after']);
  const isSelective = ((args[leavesOut] ?? []) as readonly unknown[]).length > 0;
  return (
    (isAnchored && goesOn ? anchorCalls : 0) +
    (isNumbered && goesOn ? numberedCalls : 0) +
    (isSelective ? leftOutCalls : 0)
  );
}

/** Calls for the pages of a list, by `first`; for a search, one at best. */
export function pagesOf(cost: FieldCall, args: Arguments, mostly: 'usual' | 'most'): number {
  const { per, paged, atMost, isAnchored } = cost;
  const overlap = isAnchored && isGiven(args['after']) ? 1 : 0;
  if (per === 'page100' && atMost === undefined)
    return Math.max(1, Math.ceil((rowsOf(args) + overlap) / 100)) + callsBeyondPages(cost, args);
  // No search: two lists of a league, say.
  if (per === 'league' && !paged) return atMost ?? 1;
  return mostly === 'usual' || (paged && atMost === undefined) ? 1 : (atMost ?? 1);
}
