import { serviceError } from '../contract/errors.ts';
import type { SandboxRequest } from '../contract/handler.ts';
import type { Instance, Job, World } from '../model/world.ts';
import { textParameter } from './access.ts';

/** The parsed `filter` of league-scoped lists. An empty value matches everything. */
export interface ListFilter {
  readonly startTimeMs: number | undefined;
  readonly endTimeMs: number | undefined;
  readonly jobName: string;
  readonly creatorName: string;
  readonly isDescending: boolean | undefined;
  readonly orderBy: string;
  readonly statuses: ReadonlySet<string>;
  readonly instanceTypes: ReadonlySet<string>;
  readonly agentId: string;
  readonly algorithms: ReadonlySet<string>;
  readonly instanceId: string;
}

/** The list of SQL jobs spells this key differently from all other lists. */
export type InstanceTypeKey = 'jobInstanceType' | 'job_instance_type';

const texts = ['startTime', 'endTime', 'jobName', 'creatorName', 'orderBy', 'agentId', 'jobInstanceId'] as const;
function lists(key: InstanceTypeKey) {
  return ['status', 'algorithmType', key] as const;
}

/** Epoch milliseconds, or a date with or without a time. */
function readTime(text: string): number | undefined {
  if (text === '') return undefined;
  return /^\d{10,}$/.test(text) ? Number(text) : Date.parse(text);
}

/** Parses `filter` strictly: JSON, known keys, right types. The contract checks its length. */
function readFilter(request: SandboxRequest, key: InstanceTypeKey): ListFilter {
  const wrong = (detail: string) => serviceError('agent', request.language, 'requestInvalid', `filter ${detail}`);
  let parsed: unknown;
  try {
    parsed = JSON.parse(textParameter(request, 'filter') ?? '{}');
  } catch {
    throw wrong('must be JSON');
  }
  if (typeof parsed !== 'object' || parsed === null || Array.isArray(parsed)) throw wrong('must be an object');
  const given = parsed as Readonly<Record<string, unknown>>;

  const known: readonly string[] = [...texts, ...lists(key), 'desc'];
  const stranger = Object.keys(given).find((name) => !known.includes(name));
  if (stranger !== undefined) throw wrong(`must not have ${stranger}`);
  const text = (name: (typeof texts)[number]): string => {
    const value = given[name] ?? '';
    if (typeof value !== 'string') throw wrong(`${name} must be a string`);
    return value;
  };
  const words = (name: string): ReadonlySet<string> => {
    const value = given[name] ?? [];
    if (!Array.isArray(value) || !value.every((word) => typeof word === 'string')) {
      throw wrong(`${name} must be a list of strings`);
    }
    return new Set(value);
  };
  const time = (name: 'startTime' | 'endTime'): number | undefined => {
    const ms = readTime(text(name));
    if (Number.isNaN(ms)) throw wrong(`${name} must be a time`);
    return ms;
  };
  if (given.desc !== undefined && typeof given.desc !== 'boolean') throw wrong('desc must be true or false');

  return {
    startTimeMs: time('startTime'),
    endTimeMs: time('endTime'),
    jobName: text('jobName'),
    creatorName: text('creatorName'),
    isDescending: given.desc,
    orderBy: text('orderBy'),
    statuses: words('status'),
    instanceTypes: words(key),
    agentId: text('agentId'),
    algorithms: words('algorithmType'),
    instanceId: text('jobInstanceId'),
  };
}

function containsIgnoreCase(text: string, part: string): boolean {
  return text.toLowerCase().includes(part.toLowerCase());
}

function isOneOf(wanted: ReadonlySet<string>, word: string | undefined): boolean {
  return wanted.size === 0 || (word !== undefined && wanted.has(word));
}

function isWithin({ startTimeMs = -Infinity, endTimeMs = Infinity }: ListFilter, ms: number): boolean {
  return startTimeMs <= ms && ms <= endTimeMs;
}

function algorithmOf(job: Job | undefined): string | undefined {
  return job?.type === 'VFL' || job?.type === 'PREDICT' ? job.algorithm : undefined;
}

type SortKey<T> = (item: T) => string | number;

function ordered<T>(
  items: readonly T[],
  { isDescending, orderBy }: ListFilter,
  keys: Readonly<Record<string, SortKey<T>>>,
  request: SandboxRequest,
): readonly T[] {
  // The world's lists are newest first.
  if (orderBy === '') return isDescending === false ? [...items].reverse() : items;
  const key = keys[orderBy.replace(/_(\w)/g, (_, letter: string) => letter.toUpperCase())];
  if (key === undefined) throw serviceError('agent', request.language, 'requestInvalid', `filter orderBy ${orderBy}`);
  const sign = isDescending === true ? -1 : 1;
  return [...items].sort((a, b) => {
    const [left, right] = [key(a), key(b)];
    return left === right ? 0 : left < right ? -sign : sign;
  });
}

/** Jobs that match. Status and type are matched against the latest instance, an instance id against all. */
export function filterJobs<T extends Job>(
  jobs: readonly T[],
  world: World,
  request: SandboxRequest,
  key: InstanceTypeKey,
): readonly T[] {
  if (textParameter(request, 'filter') === undefined) return jobs;
  const filter = readFilter(request, key);
  const left = jobs.filter((job) => {
    const instances = world.instancesOfJob(job.id);
    return (
      isWithin(filter, job.createdAtMs) &&
      containsIgnoreCase(job.name, filter.jobName) &&
      containsIgnoreCase(job.creatorName, filter.creatorName) &&
      isOneOf(filter.statuses, instances[0]?.status ?? 'NEW') &&
      isOneOf(filter.algorithms, algorithmOf(job)) &&
      (filter.instanceTypes.size === 0 || instances.some(({ type }) => filter.instanceTypes.has(type))) &&
      (filter.agentId === '' || job.agentId === filter.agentId) &&
      (filter.instanceId === '' || instances.some(({ id }) => id === filter.instanceId))
    );
  });
  return ordered(
    left,
    filter,
    {
      createTime: ({ createdAtMs }) => createdAtMs,
      updateTime: ({ updatedAtMs }) => updatedAtMs,
      jobName: ({ name }) => name,
      creatorName: ({ creatorName }) => creatorName,
    },
    request,
  );
}

export function filterInstances(
  instances: readonly Instance[],
  world: World,
  request: SandboxRequest,
): readonly Instance[] {
  if (textParameter(request, 'filter') === undefined) return instances;
  const filter = readFilter(request, 'job_instance_type');
  const left = instances.filter(
    (instance) =>
      (filter.instanceId === '' || instance.id === filter.instanceId) &&
      isWithin(filter, instance.startedAtMs) &&
      containsIgnoreCase(instance.jobName, filter.jobName) &&
      containsIgnoreCase(instance.executorName, filter.creatorName) &&
      isOneOf(filter.statuses, instance.status) &&
      isOneOf(filter.instanceTypes, instance.type) &&
      isOneOf(filter.algorithms, algorithmOf(world.job(instance.jobId))) &&
      (filter.agentId === '' || instance.agentIds.includes(filter.agentId)),
  );
  return ordered(
    left,
    filter,
    {
      startTime: ({ startedAtMs }) => startedAtMs,
      createTime: ({ startedAtMs }) => startedAtMs,
      endTime: ({ endedAtMs }) => endedAtMs ?? Infinity,
      jobName: ({ jobName }) => jobName,
      status: ({ status }) => status,
    },
    request,
  );
}
