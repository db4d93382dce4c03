import { errorCodes, GatewayError, type Plane } from '../errors.ts';
import type { SharedProbes, UpstreamHealth } from '../shared/probes.ts';
import { within } from '../time.ts';
import type { Observer, Outcome, UpstreamName } from './observer.ts';

/**
 * The gateway's readiness. `ready`: both planes answer, though perhaps not all agents. `degraded`: one plane does not answer.
 * `starting`: nothing is known yet. `unavailable`: neither plane answers.
 */
export interface Readiness {
  readonly status: 'ready' | 'degraded' | 'starting' | 'unavailable';
  readonly space: UpstreamHealth;
  /** By id; only agents whose accounts are configured. */
  readonly agents: Readonly<Record<string, UpstreamHealth>>;
}

/** Tracks which upstreams answer, from the calls of operations, and probes those without recent calls. */
export interface Health {
  /** Must observe all upstream requests, of operations and of probes. */
  readonly observer: Pick<Observer, 'requestEnd' | 'breakerState'>;
  /** The known health, after waiting at most `waitMs` for running probes. */
  readonly readiness: (waitMs?: number) => Promise<Readiness>;
}

/** Options of {@link createHealth}. */
export interface HealthOptions {
  readonly agentIds: readonly string[];
  /** Sends the cheapest call: to an agent, or without an id to the space plane. */
  readonly probe: (agentId?: string) => Promise<unknown>;
  /** Replicas probe for one another. Default: this process probes all of them. */
  readonly shared?: SharedProbes | undefined;
  readonly now?: () => number;
}

/** An upstream without calls for this long is probed, at most once per this time. */
export const probeEveryMs = 5_000;

/** Lifetime of another replica's result. Without a new one this replica probes. */
const foundMs = 2 * probeEveryMs;

/** Shortest interval between exchanges of results with other replicas. */
const exchangeEveryMs = 1_000;

/** Longest wait for probes: less than Kubernetes' default timeout of 1 s. */
const defaultWaitMs = 500;

/** A refusal shows that the upstream answers. Undefined for outcomes that show nothing. */
function healthOf(outcome: Outcome, status: number | undefined): UpstreamHealth | undefined {
  if (outcome === 'ABORTED') return undefined;
  if (outcome === 'OK') return { answers: true };
  return errorCodes[outcome].health === 'UP' && status !== undefined
    ? { answers: true }
    : { answers: false, reason: outcome };
}

function reasonOf(error: unknown, plane: Plane): Pick<UpstreamHealth, 'reason' | 'plane'> {
  if (!(error instanceof GatewayError)) return { reason: 'INTERNAL' };
  const { plane: from = plane } = error.details;
  return { reason: error.code, ...(from !== plane && { plane: from }) };
}

interface UpstreamHealthOptions {
  readonly plane: Plane;
  readonly probe: () => Promise<unknown>;
  /** False while another replica probes it for this one. */
  readonly isOwn: () => boolean;
  readonly now: () => number;
}

/** The health of one upstream as this replica knows it. */
interface KnownHealth {
  readonly health: UpstreamHealth;
  /** OWN: decided by this replica's own requests and probes. REPLICA: published by another one. */
  readonly source: 'NONE' | 'OWN' | 'REPLICA';
  /** The time of this replica's own last decision. */
  readonly decidedAtMs: number;
  /** A request of this replica has failed since: a probe is due. */
  readonly isInDoubt: boolean;
}

/**
 * The health of one upstream. An answer counts at once. The failure of an operation only makes it due for a probe, since one slow
 * call is no outage: the probe, or the breaker, decides. The result of another replica counts unless this one knows of a failure.
 */
function createUpstreamHealth({ plane, probe, isOwn, now }: UpstreamHealthOptions) {
  let known: KnownHealth = { health: { answers: null }, source: 'NONE', decidedAtMs: -Infinity, isInDoubt: false };
  let last: { readonly health: UpstreamHealth; readonly atMs: number } | undefined;
  /** Since when a result of another replica has been due. Reset by each one that arrives. */
  let dueSinceMs: number | undefined;
  let probedAtMs = -Infinity;
  let probing: Promise<void> | undefined;

  const decide = (health: UpstreamHealth): void => {
    known = { health, source: 'OWN', decidedAtMs: now(), isInDoubt: false };
  };

  const isKnownToFail = (): boolean => known.health.answers === false && known.source !== 'REPLICA';

  const isRecent = (): boolean => now() - known.decidedAtMs < probeEveryMs;

  const isProbeDue = (): boolean => {
    const isQuiet = now() - (last?.atMs ?? -Infinity) >= probeEveryMs;
    // For agents this replica waits for another's probe; not for the space plane, without which it serves nothing.
    if (isOwn() || (plane === 'SPACE' && known.health.answers === null))
      return known.health.answers !== true || isQuiet;
    dueSinceMs ??= now();
    return isKnownToFail() || (isQuiet && now() - dueSinceMs >= foundMs);
  };

  const ask = async (): Promise<void> => {
    probedAtMs = now();
    const before = last;
    const failure = await probe().then(
      () => undefined,
      (error: unknown): UpstreamHealth => ({ answers: false, ...reasonOf(error, plane) }),
    );
    // The observed outcome counts, not the probe's result, which can come from a cache.
    const observed = last === before ? undefined : last?.health;
    const result = observed?.answers === true ? observed : (failure ?? observed);
    if (result !== undefined) decide(result);
  };

  return {
    health: () => known.health,
    /** Takes the outcome of a request of this replica. */
    observe: (health: UpstreamHealth): void => {
      last = { health, atMs: now() };
      if (health.answers === true) decide(health);
      else known = { ...known, isInDoubt: true };
    },
    /** The recent result to publish, if this replica probes the upstream for all. */
    found: (): UpstreamHealth | undefined =>
      isOwn() && known.source !== 'REPLICA' && !known.isInDoubt && isRecent() ? known.health : undefined,
    /** Takes the result of another replica. */
    receive: (health: UpstreamHealth): void => {
      if (isOwn() || known.isInDoubt || isKnownToFail()) return;
      dueSinceMs = now();
      if (!isRecent()) known = { ...known, health, source: 'REPLICA' };
    },
    /** The running probe. Starts one when it is due. */
    probed: (): Promise<void> | undefined => {
      if (probing === undefined && (known.isInDoubt || isProbeDue()) && now() - probedAtMs >= probeEveryMs)
        probing = ask().finally(() => {
          probing = undefined;
        });
      return probing;
    },
    breaker: (state: 'CLOSED' | 'OPEN' | 'HALF_OPEN'): void => {
      if (state === 'OPEN') decide({ answers: false, reason: last?.health.reason ?? 'UPSTREAM_UNREACHABLE' });
    },
  };
}

/** The space plane among agent ids: no agent has this one. */
const spaceName = '';

/** The health of a gateway's upstreams. Probes only when health is asked for. */
export function createHealth({ agentIds, probe, shared, now = () => performance.now() }: HealthOptions): Health {
  const create = (plane: Plane, agentId?: string) =>
    createUpstreamHealth({
      plane,
      now,
      probe: () => probe(agentId),
      isOwn: () => shared?.isOwn(agentId ?? spaceName) ?? true,
    });
  const space = create('SPACE');
  const agents = new Map(agentIds.map((id) => [id, create('AGENT', id)]));
  const all = new Map([[spaceName, space], ...agents]);
  let readAtMs = -Infinity;

  /** Takes the results of other replicas. */
  const read = async (probes: SharedProbes): Promise<void> => {
    for (const [name, found] of Object.entries(await probes.found(foundMs))) all.get(name)?.receive(found);
  };

  const publish = async (probes: SharedProbes): Promise<void> => {
    const own = [...all].flatMap(([name, { found }]) => {
      const health = found();
      return health === undefined ? [] : [[name, health] as const];
    });
    if (own.length > 0) await probes.publish(Object.fromEntries(own));
  };

  const named = ({ plane, agentId }: UpstreamName) =>
    plane === 'SPACE' ? space : agentId === undefined ? undefined : agents.get(agentId);

  const statusOf = (ofSpace: boolean | null, ofAgents: readonly (boolean | null)[]): Readiness['status'] => {
    const someAgent = ofAgents.includes(true);
    if (ofSpace === true) return someAgent || ofAgents.includes(null) || ofAgents.length === 0 ? 'ready' : 'degraded';
    if (someAgent) return 'degraded';
    return ofSpace === null || ofAgents.includes(null) ? 'starting' : 'unavailable';
  };

  return {
    observer: {
      requestEnd: (request, { outcome, status }) => {
        const health = healthOf(outcome, status);
        if (health !== undefined) named(request)?.observe(health);
      },
      breakerState: (change) => named(change)?.breaker(change.state),
    },
    readiness: async (waitMs = defaultWaitMs) => {
      const isExchanged = shared !== undefined && now() - readAtMs >= exchangeEveryMs;
      if (isExchanged) {
        readAtMs = now();
        await within(read(shared), waitMs, () => undefined);
      }
      const probes = [...all.values()].flatMap(({ probed }) => probed() ?? []);
      if (probes.length > 0) await within(Promise.all(probes), waitMs, () => undefined);
      if (isExchanged) void publish(shared);
      const ofAgents = new Map([...agents].map(([id, { health }]) => [id, health()]));
      return {
        status: statusOf(
          space.health().answers,
          [...ofAgents.values()].map(({ answers }) => answers),
        ),
        space: space.health(),
        agents: Object.fromEntries(ofAgents),
      };
    },
  };
}
