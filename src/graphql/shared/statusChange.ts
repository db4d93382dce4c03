import type { ObjectRef } from '@pothos/core';
import type { GraphQLResolveInfo } from 'graphql';
import { builder, type BuilderTypes } from '../builder.ts';
import type { Context } from '../context.ts';
import type { EventKind, GapReason, StatusEvent, WatchOptions } from '../../status/types.ts';
import { closedEnum, ErrorCodeEnum } from './enums.ts';
import { selects } from './selection.ts';

type Types = PothosSchemaTypes.ExtendDefaultTypes<BuilderTypes>;

/** Description of `after`. */
export const afterDescription =
  'The `cursor` of the last event that was received: the changes since then come first. Where the gateway does not know it any more, the first event is the present state with `gap`.';

const StreamEventKind = closedEnum<EventKind>('StreamEventKind', 'Why an event is sent.', {
  SNAPSHOT: 'Of the present states, or of what was missed since `after`; more of them follow.',
  SNAPSHOT_END:
    'The last of them: from now on come changes. Of a league without runs it is the only one, for those who select `kind`, `staleSince` or `staleReason`.',
  CHANGE: 'A change that was seen.',
  STALE:
    'Polls fail since `staleSince`; the last known state is repeated, or UNKNOWN where there is none. It may be out of date. Sent to those who select `kind`, `staleSince` or `staleReason`.',
  FRESH: 'Polls succeed again; the state is repeated. Any other event after STALE says that too.',
});

const GapReasonEnum = closedEnum<GapReason>('GapReason', 'Why changes may be missing.', {
  OVERFLOW: 'The reader was slower than the changes.',
  EXPIRED_CURSOR: 'The gateway does not keep what followed `after` any more, or never gave it.',
  RESTART: 'The gateway was restarted, or has taken over a new configuration.',
  FAILOVER: '`after` is from a gateway on another host.',
  RIGHT_CHANGED: '`after` was given to a caller with other rights, or in another language.',
});

/** STALE and FRESH events go to those who could tell them from changes. */
function asksFreshness(info: GraphQLResolveInfo): boolean {
  return selects(info, 'kind') || selects(info, 'staleSince') || selects(info, 'staleReason');
}

/** Where a stream begins. An `EventSource` repeats its first `after` when it connects again, and knows better by its header. */
export function startOf(
  { after, since }: { readonly after?: string | null | undefined; readonly since?: string | null | undefined },
  { lastEventId, operation }: Context,
  info: GraphQLResolveInfo,
): WatchOptions {
  return {
    after: lastEventId ?? after ?? null,
    since: since ?? null,
    withFreshness: asksFreshness(info),
    signal: operation.deadline.signal,
  };
}

/** Adds what every event of a status tells, beside the status and what it is of. */
export function addStatusFields<State extends { readonly status: string; readonly statusText?: string | null }>(
  Change: ObjectRef<Types, StatusEvent<State>>,
  refetchIds: (event: StatusEvent<State>) => string,
): void {
  return builder.objectFields(Change, (t) => ({
    statusText: t.string({
      nullable: false,
      description: 'The raw value of `status`.',
      resolve: ({ state }) => state.statusText ?? state.status,
    }),
    previousStatusText: t.string({
      description: '`previousStatus` as text; the raw value where `previousStatus` is UNKNOWN.',
      resolve: ({ previousStatus }) => previousStatus,
    }),
    observedAt: t.field({
      type: 'DateTime',
      nullable: false,
      description: 'When the gateway saw it.',
      resolve: ({ observedAt }) => observedAt,
    }),
    sequence: t.int({
      nullable: false,
      description: 'Grows by one with each change that was seen; a slow reader misses the numbers that are skipped.',
      resolve: ({ sequence }) => sequence,
    }),
    cursor: t.string({
      nullable: false,
      description: 'To resume from here after a lost connection: pass it as `after`.',
      resolve: ({ cursor }) => cursor,
    }),
    final: t.boolean({
      nullable: false,
      description: 'Whether the state is final: no change follows.',
      resolve: ({ isFinal }) => isFinal,
    }),
    gap: t.boolean({
      nullable: false,
      description: 'Whether changes may be missing before it: since `after`, or because the reader was slow.',
      resolve: ({ gap }) => gap !== null,
    }),
    gapReason: t.field({
      type: GapReasonEnum,
      description: 'Why; null without `gap`.',
      resolve: ({ gap }) => gap?.reason,
    }),
    refetchIds: t.idList({
      nullable: { list: false, items: false },
      description:
        'What to read again to be right after a `gap`: ids for `node`. Of a league, its `instances` may have changed. Empty without `gap`.',
      resolve: (event) => (event.gap === null ? [] : [refetchIds(event)]),
    }),
    kind: t.field({
      type: StreamEventKind,
      nullable: false,
      description: 'Why it is sent.',
      resolve: ({ kind }) => kind,
    }),
    staleSince: t.field({
      type: 'DateTime',
      description: 'Of a STALE event: no poll has succeeded since. Null in any other.',
      resolve: ({ stale }) => stale?.since,
    }),
    staleReason: t.field({
      type: ErrorCodeEnum,
      description:
        'Of a STALE event: the code with which polls began to fail. RATE_LIMITED also where the service asked another poll to wait. Null in any other.',
      resolve: ({ stale }) => stale?.reason,
    }),
  }));
}
