import type { ObjectRef } from '@pothos/core';
import { builder, type BuilderTypes } from '../builder.ts';
import type { StatusEvent } from '../../status/types.ts';

type Types = PothosSchemaTypes.ExtendDefaultTypes<BuilderTypes>;

/** Description of `after`. */
export const afterDescription =
  'The `cursor` of the last event that was received: what was seen since then is told first. Where the gateway does not know it any more, the first event is the present state with `gap`.';

/** Adds what every event of a status tells, beside the status and what it is of. */
export function addStatusFields<State extends { readonly status: string; readonly statusText?: string | null }>(
  Change: ObjectRef<Types, StatusEvent<State>>,
): void {
  return builder.objectFields(Change, (t) => ({
    statusText: t.string({
      nullable: false,
      description: 'The raw word of `status`.',
      resolve: ({ state }) => state.statusText ?? state.status,
    }),
    previousStatusText: t.string({
      description: 'The word of `previousStatus`, as `status` spells it, or the raw word where nobody has listed it.',
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
      description: 'Grows by one with each change that was seen; a jump is what a slow reader was not told.',
      resolve: ({ sequence }) => sequence,
    }),
    cursor: t.string({
      nullable: false,
      description: 'To go on from here, after a connection broke: give it as `after`.',
      resolve: ({ cursor }) => cursor,
    }),
    final: t.boolean({
      nullable: false,
      description: 'Whether nothing more will come of it.',
      resolve: ({ isFinal }) => isFinal,
    }),
    gap: t.boolean({
      nullable: false,
      description:
        'Whether there may have been changes before it that are not told: since `after`, or to a slow reader.',
      resolve: ({ hasGap }) => hasGap,
    }),
  }));
}
