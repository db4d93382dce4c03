import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import { decideForPartners, type Decision } from '../lifecycle/approval.ts';
import type { CallFilter, CallLog } from '../http/callLog.ts';
import type { Plane } from '../contract/document.ts';
import type { ContractFault } from '../http/plane.ts';
import type { Rule, Rules } from '../faults/rules.ts';
import { advance, enterStatus, scheduleNextStatus } from '../lifecycle/runner.ts';
import { isTerminal, type DeployStatus, type NodeStatus, type RunStatus, type World } from '../model/world.ts';
import type { Variant } from '../faults/variants.ts';

/** Address and credentials of one agent. */
export interface AgentAccess {
  readonly id: string;
  readonly name: string;
  readonly leagueId: string;
  readonly url: string;
  readonly user: string;
  readonly password: string;
  /** PEM of the self-signed certificate. */
  readonly certificate: string;
}

/** Everything a client needs to use the embedded TICS. */
export interface SandboxInfo {
  readonly spaceUrl: string;
  readonly iamUrl: string;
  readonly controlUrl: string;
  readonly projectId: string;
  readonly region: string;
  readonly account: { readonly domain: string; readonly user: string; readonly password: string };
  readonly agents: readonly AgentAccess[];
}

/** Summary of the world. */
export interface StateSummary {
  readonly seed: number;
  readonly scale: number;
  readonly nowMs: number;
  readonly speed: number;
  readonly leagues: readonly { readonly id: string; readonly name: string; readonly role: string }[];
  readonly agents: readonly {
    readonly id: string;
    readonly name: string;
    readonly leagueId: string;
    readonly nodeStatus: string;
    readonly consolePort: number;
  }[];
  readonly datasets: number;
  /** Ids by type. */
  readonly jobs: Readonly<Record<string, readonly string[]>>;
  /** Counts by type and status. */
  readonly instances: Readonly<Record<string, Readonly<Record<string, number>>>>;
}

/** Changes of the world that no REST call can make. */
export type StateChange =
  /** Replaces the world. Agents get new addresses. */
  | { readonly kind: 'reset'; readonly seed?: number; readonly scale?: number; readonly nowMs?: number }
  | {
      readonly kind: 'agent';
      readonly agentId: string;
      /** Status on the space plane; its server opens or closes accordingly. */
      readonly nodeStatus?: NodeStatus;
      /** Deployment status on the space plane. */
      readonly deployStatus?: DeployStatus;
      /** Opens or closes its server, whatever the space plane says. */
      readonly isListening?: boolean;
      readonly password?: string;
      readonly renewCertificate?: true;
      /** Moves its server to this port; 0 takes any. */
      readonly moveToPort?: number;
    }
  /** Ends the tokens of IAM, of one agent, or all. */
  | { readonly kind: 'expireTokens'; readonly plane?: Plane; readonly agentId?: string }
  | { readonly kind: 'account'; readonly password: string }
  | { readonly kind: 'instance'; readonly instanceId: string; readonly status: RunStatus }
  /** Decides for all partners that are still asked about a job. */
  | { readonly kind: 'review'; readonly jobId: string; readonly decision: Decision; readonly message?: string };

export type ClockChange = { readonly speed?: number; readonly advanceMs?: number };

export type VariantDescription = Omit<Variant, 'apply'>;

export interface ControlOptions {
  readonly calls: CallLog;
  readonly rules: Rules;
  readonly variants: readonly Variant[];
  readonly operationIds: ReadonlySet<string>;
  readonly contractFaults: ContractFault[];
  readonly world: () => World;
  readonly info: () => SandboxInfo;
  readonly seeding: () => { readonly seed: number; readonly scale: number };
  readonly change: (change: StateChange) => Promise<void>;
}

function countBy<T>(items: readonly T[], keyOf: (item: T) => string): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const item of items) counts[keyOf(item)] = (counts[keyOf(item)] ?? 0) + 1;
  return counts;
}

function groupBy<T>(items: readonly T[], keyOf: (item: T) => string): Map<string, T[]> {
  const groups = new Map<string, T[]>();
  for (const item of items) groups.set(keyOf(item), [...(groups.get(keyOf(item)) ?? []), item]);
  return groups;
}

function summarize(world: World, seeding: { readonly seed: number; readonly scale: number }): StateSummary {
  return {
    ...seeding,
    nowMs: world.clock.now(),
    speed: world.clock.speed,
    leagues: world.leagues.map(({ id, name, role }) => ({ id, name, role })),
    agents: world.agents.map(({ id, name, leagueId, nodeStatus, consolePort }) => ({
      id,
      name,
      leagueId,
      nodeStatus,
      consolePort,
    })),
    datasets: world.datasets.length,
    jobs: Object.fromEntries(
      [...groupBy(world.jobs, ({ type }) => type)].map(([type, jobs]) => [type, jobs.map(({ id }) => id)]),
    ),
    instances: Object.fromEntries(
      [...groupBy(world.instances, ({ type }) => type)].map(([type, instances]) => [
        type,
        countBy(instances, ({ status }) => status),
      ]),
    ),
  };
}

/** Puts an instance into a status; it continues from there. */
export function setInstanceStatus(world: World, instanceId: string, status: RunStatus): void {
  const instance = world.instance(instanceId);
  if (instance === undefined) throw new RangeError(`there is no instance ${instanceId}`);
  if (!isTerminal(status)) instance.endedAtMs = undefined;
  enterStatus(instance, status, world.clock.now());
  scheduleNextStatus(world, instance);
}

export function reviewJob(world: World, { jobId, decision, message }: StateChange & { kind: 'review' }): void {
  const job = world.job(jobId);
  if (job?.approvalStatus !== 'APPROVING') throw new RangeError(`nobody is asked about a job ${jobId}`);
  decideForPartners(world, job, decision, message);
}

function filterOf(query: URLSearchParams): CallFilter {
  const text = (name: string): string | undefined => query.get(name) ?? undefined;
  const operationId = text('operationId');
  const agentId = text('agentId');
  const plane = text('plane') as Plane | undefined;
  const after = text('after');
  return {
    ...(operationId === undefined ? {} : { operationId }),
    ...(agentId === undefined ? {} : { agentId }),
    ...(plane === undefined ? {} : { plane }),
    ...(after === undefined ? {} : { after: Number(after) }),
  };
}

async function readJson(request: IncomingMessage): Promise<unknown> {
  const chunks: Buffer[] = [];
  for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk);
  return JSON.parse(Buffer.concat(chunks).toString('utf8') || 'null') as unknown;
}

/** Throws for rules that can never match, so that a typo does not make a test pass. */
function ruleCheck(operationIds: ReadonlySet<string>, variantNames: ReadonlySet<string>) {
  return (rules: readonly Rule[]): readonly Rule[] => {
    for (const { operationId, variants = [] } of rules) {
      if (operationId !== '*' && !operationIds.has(operationId)) throw new RangeError(`no operation ${operationId}`);
      const unknown = variants.find((name) => !variantNames.has(name));
      if (unknown !== undefined) throw new RangeError(`no variant ${unknown}`);
    }
    return rules;
  };
}

type Action = (query: URLSearchParams, body: unknown) => unknown;

function createActions(parts: ControlOptions): Readonly<Record<string, Action>> {
  const { calls, rules, variants, contractFaults, world, info, seeding, change } = parts;
  const knownRules = ruleCheck(parts.operationIds, new Set(variants.map(({ name }) => name)));
  return {
    'GET /control/info': () => info(),

    'GET /control/calls': (query) => {
      const count = Number(query.get('waitFor') ?? 0);
      return count === 0
        ? calls.list(filterOf(query))
        : calls.wait(count, filterOf(query), Number(query.get('timeoutMs') ?? 5000));
    },
    'DELETE /control/calls': () => calls.clear(),
    'GET /control/counts': () => calls.counts(),

    'GET /control/rules': () => rules.list(),
    'PUT /control/rules': (_, body) => rules.replace(knownRules(body as readonly Rule[])),
    'POST /control/rules': (_, body) => rules.add(knownRules(body as readonly Rule[])),
    'DELETE /control/rules': () => rules.clear(),

    'GET /control/variants': (): VariantDescription[] =>
      variants.map(({ name, description, keepsMeaning, operations }) => ({
        name,
        description,
        keepsMeaning,
        operations,
      })),

    'GET /control/faults': () => contractFaults,
    'DELETE /control/faults': () => {
      contractFaults.length = 0;
    },

    'POST /control/clock': async (_, body) => {
      const { speed, advanceMs } = body as ClockChange;
      if (speed !== undefined) world().clock.setSpeed(speed);
      if (advanceMs !== undefined) await advance(world(), advanceMs);
      return { nowMs: world().clock.now(), speed: world().clock.speed };
    },

    'POST /control/settle': () => world().executions.settled(),

    'GET /control/state': () => summarize(world(), seeding()),
    'POST /control/state': async (_, body) => {
      await change(body as StateChange);
      return info();
    },
  };
}

/** The control port. It has no authentication: loopback only. */
export function createControlListener(parts: ControlOptions): RequestListener {
  const actions = createActions(parts);

  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const url = new URL(`http://sandbox${request.url ?? '/'}`);
    const action = actions[`${request.method ?? 'GET'} ${url.pathname}`];
    const reply = (status: number, body: unknown): void => {
      response.writeHead(status, { 'content-type': 'application/json' });
      response.end(JSON.stringify(body ?? null));
    };
    if (action === undefined) return reply(404, { message: 'no such control', controls: Object.keys(actions) });
    try {
      reply(200, await action(url.searchParams, await readJson(request)));
    } catch (error) {
      reply(400, { message: error instanceof Error ? error.message : String(error) });
    }
  };

  return (request, response) => void answer(request, response);
}
