import { GatewayError, type ErrorCode, type ErrorDetails } from '../../errors.ts';
import type { SharedEntry, SharedLog } from '../../shared/watches.ts';
import { formatCursor } from '../streams/cursor.ts';
import type { Entry, HistoryLog } from '../streams/history.ts';
import type { AnyState, Staleness, StatusEvent } from '../types.ts';
import type { Change } from '../broadcast.ts';

/** A stored change. The rest of an event is derived from it. */
type KeptEvent<State> = Pick<StatusEvent<State>, 'sequence' | 'observedAt' | 'previousStatus' | 'state'> & {
  readonly subject: string;
};

interface KeptStatus {
  readonly knownAt: string | null;
  readonly stale: Staleness | null;
  readonly ending: { readonly error?: KeptError } | null;
}

interface KeptError {
  readonly code: ErrorCode;
  readonly message: string;
  readonly details: ErrorDetails;
}

export function formatEntry<State>({ subject, event }: Entry<State>): SharedEntry {
  const { sequence, observedAt, previousStatus, state } = event;
  const kept: KeptEvent<State> = { subject, sequence, observedAt, previousStatus, state };
  return { subject, body: JSON.stringify(kept) };
}

/** The state is as it was written by a replica of the same version. */
export function parseEntry<State extends AnyState>(epoch: string, body: string): Entry<State> {
  const { subject, sequence, observedAt, previousStatus, state } = JSON.parse(body) as KeptEvent<State>;
  const cursor = formatCursor({ epoch, sequence });
  const isFinal = state.isTerminal === true;
  const stored = { cursor, sequence, observedAt, previousStatus, state, isFinal } as const;
  return { subject, event: { ...stored, kind: 'CHANGE', gap: null, stale: null } };
}

/** The same change is one object in both lists: reads for it are shared. */
export function parseLog<State extends AnyState>({
  epoch,
  sequence,
  entries: bodies,
  latest = [],
}: SharedLog): HistoryLog<State> {
  const entries = bodies.map((body) => parseEntry<State>(epoch, body));
  const known = new Map(entries.map((entry) => [entry.event.sequence, entry]));
  const of = (body: string): Entry<State> => {
    const entry = parseEntry<State>(epoch, body);
    return known.get(entry.event.sequence) ?? entry;
  };
  const bySequence = (one: Entry<State>, other: Entry<State>): number => one.event.sequence - other.event.sequence;
  return { epoch, sequence, entries, latest: latest.map(of).sort(bySequence) };
}

type Status<State> = Omit<Change<State>, 'entries'>;

function keptError(error: Error): KeptError {
  if (!(error instanceof GatewayError)) return { code: 'INTERNAL', message: 'A poll failed.', details: {} };
  const { code, message, details } = error;
  return { code, message, details };
}

function errorOf({ code, message, details }: KeptError): GatewayError {
  return new GatewayError(code, message, details);
}

export function formatStatus<State>({ knownAt, stale, ending }: Status<State>): string {
  const kept: KeptStatus = {
    knownAt: knownAt ?? null,
    stale: stale ?? null,
    ending: ending === undefined ? null : ending.error === undefined ? {} : { error: keptError(ending.error) },
  };
  return JSON.stringify(kept);
}

export function parseStatus<State>(text: string): Status<State> {
  const { knownAt, stale, ending } = JSON.parse(text) as KeptStatus;
  return {
    ...(knownAt !== null && { knownAt }),
    ...(stale !== null && { stale }),
    ...(ending !== null && {
      ending: ending.error ? { error: errorOf(ending.error) } : {},
    }),
  };
}
