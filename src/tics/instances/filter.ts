import { GatewayError } from '../../errors.ts';
import type { algorithms, instanceStatuses, instanceTypes } from './enums.ts';

/** Orders of a list of instances. */
export const instanceOrders = {
  STARTED_AT_DESC: 'The one that started last comes first: the order of lists where none is asked for.',
  STARTED_AT_ASC: 'The one that started first comes first.',
  ENDED_AT_DESC: 'The one that ended last comes first.',
  ENDED_AT_ASC: 'The one that ended first comes first.',
  JOB_NAME_ASC: 'By the names of their jobs, from A to Z.',
  JOB_NAME_DESC: 'By the names of their jobs, from Z to A.',
} as const;

/** An order of a list of instances. */
export type InstanceOrder = keyof typeof instanceOrders;

/** Wire values of `order_by`. The reference lists none. */
const wireOrders = { STARTED_AT: 'startTime', ENDED_AT: 'endTime', JOB_NAME: 'jobName' } as const;

/** An order with its direction: the default direction of the service varies. */
export function orderKeys<Key extends string>(
  order: `${Key}_ASC` | `${Key}_DESC` | null | undefined,
  words: Readonly<Record<Key, string>>,
): { readonly desc?: boolean; readonly orderBy?: string } {
  if (!order) return {};
  return { desc: order.endsWith('_DESC'), orderBy: words[order.replace(/_(ASC|DESC)$/, '') as Key] };
}

/** Filter of a list of instances. Missing fields match everything. */
export interface InstanceFilter {
  readonly from?: string | null | undefined;
  readonly to?: string | null | undefined;
  readonly jobName?: string | null | undefined;
  readonly creatorName?: string | null | undefined;
  readonly statuses?: readonly (keyof typeof instanceStatuses)[] | null | undefined;
  readonly types?: readonly (keyof typeof instanceTypes)[] | null | undefined;
  readonly algorithms?: readonly (keyof typeof algorithms)[] | null | undefined;
  readonly agentId?: string | null | undefined;
  readonly instanceId?: string | null | undefined;
  readonly orderBy?: InstanceOrder | null | undefined;
}

function isEmpty(value: unknown): boolean {
  return value === undefined || value === null || value === '' || (Array.isArray(value) && value.length === 0);
}

/**
 * The `filter` of a list of the agent plane: JSON text, without empty keys since its length is limited.
 *
 * @returns undefined for an empty filter
 * @throws GatewayError INVALID_ARGUMENT when the text is longer than the list allows
 */
export function filterText(keys: Readonly<Record<string, unknown>>, maxLength: number): string | undefined {
  const used = Object.entries(keys).filter(([, value]) => !isEmpty(value));
  if (used.length === 0) return undefined;
  const written = JSON.stringify(Object.fromEntries(used));
  if (written.length > maxLength)
    throw new GatewayError(
      'INVALID_ARGUMENT',
      `filter: written out for the service it has ${written.length} characters, and at most ${maxLength} are allowed. Ask for less at once.`,
    );
  return written;
}

/**
 * An instant of a filter, as epoch milliseconds: the reference names no format, and this is the shortest on the wire. Earlier instants
 * become the epoch: the service does not read a minus sign.
 */
export function filterTime(instant: string | null | undefined): string | undefined {
  return instant ? String(Math.max(0, Date.parse(instant))) : undefined;
}

/** Wire values of `status`. */
export function filterStatuses(
  statuses: readonly (keyof typeof instanceStatuses)[] | null | undefined,
): readonly string[] | undefined {
  return statuses?.map((status) => (status === 'SUBMITTING' ? 'SUBMITING' : status));
}

const maxInstanceFilterLength = 256;

/** The filter of `listJobInstances` (7.11.5). */
export function instanceFilterText(filter: InstanceFilter = {}): string | undefined {
  return filterText(
    {
      startTime: filterTime(filter.from),
      endTime: filterTime(filter.to),
      jobName: filter.jobName,
      creatorName: filter.creatorName,
      ...orderKeys(filter.orderBy, wireOrders),
      status: filterStatuses(filter.statuses),
      job_instance_type: filter.types,
      agentId: filter.agentId,
      algorithmType: filter.algorithms,
      jobInstanceId: filter.instanceId,
    },
    maxInstanceFilterLength,
  );
}
