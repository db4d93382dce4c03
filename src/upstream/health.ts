import { errorCodes, GatewayError, type Plane } from '../errors.ts';
import type { SharedProbes, UpstreamHealth } from '../shared/probes.ts';
import { within } from '../time.ts';
import type { Observer, Outcome, UpstreamName } from './observer.ts';

/**
 * What a gateway can serve. `ready`: all of it, or all but some agents, which are named. `degraded`: one of the planes does
 * not answer. `starting`: nothing is known yet. `unavailable`: neither plane answers.
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

/** What another replica found counts for so long. After that it is not heard of any more, and this one probes. */
const foundMs = 2 * probeEveryMs;

/** Replicas tell one another what they found this often, at most. */
const exchangeEveryMs = 1_000;

/** Longest wait for probes: less than Kubernetes' default timeout of 1 s. */
const defaultWaitMs = 500;

/** A refusal shows that the upstream answers. Outcomes that are no answer show nothing. */
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
  /** This replica probes it, and not another one for it. */
  readonly isOwn: () => boolean;
  readonly now: () => number;
}

/**
 * The health of one upstream. An answer counts at once. The failure of an operation only makes it due for a probe, since one slow
 * call is no outage: the probe, or the breaker, decides. What another replica found counts where this one knows of no failure.
 */
function createUpstreamHealth({ plane, probe, isOwn, now }: UpstreamHealthOptions) {
  let health: UpstreamHealth = { answers: null };
  let last: { readonly health: UpstreamHealth; readonly atMs: number } | undefined;
  let decidedAtMs = -Infinity;
  let isTold = false;
  /** When another replica told of it, or should have. */
  let toldAtMs: number | undefined;
  let probedAtMs = -Infinity;
  let probing: Promise<void> | undefined;
  let isInDoubt = false;

  const hear = (heard: UpstreamHealth): void => {
    last = { health: heard, atMs: now() };
    if (heard.answers !== true) isInDoubt = true;
    else decide(heard);
  };

  const decide = (decided: UpstreamHealth): void => {
    health = decided;
    decidedAtMs = now();
    isTold = false;
    isInDoubt = false;
  };

  const isDue = (): boolean => {
    const isQuiet = now() - (last?.atMs ?? -Infinity) >= probeEveryMs;
    // An agent that another replica probes waits for it, the space plane does not: nothing is served without it.
    if (isOwn() || (plane === 'SPACE' && health.answers === null)) return health.answers !== true || isQuiet;
    toldAtMs ??= now();
    return (health.answers === false && !isTold) || (isQuiet && now() - toldAtMs >= foundMs);
  };

  const ask = async (): Promise<void> => {
    probedAtMs = now();
    const before = last;
    const failure = await probe().then(
      () => undefined,
      (error: unknown): UpstreamHealth => ({ answers: false, ...reasonOf(error, plane) }),
    );
    // The observed outcome counts, not the probe's result, which can come from a cache.
    const heard = last === before ? undefined : last?.health;
    const found = heard?.answers === true ? heard : (failure ?? heard);
    if (found !== undefined) decide(found);
  };

  return {
    health: () => health,
    hear,
    /** What this replica found of late, of what it probes for all. */
    found: (): UpstreamHealth | undefined =>
      isOwn() && !isTold && !isInDoubt && now() - decidedAtMs < probeEveryMs ? health : undefined,
    /** Takes what another replica found. */
    tell: (found: UpstreamHealth): void => {
      if (isOwn() || isInDoubt || (health.answers === false && !isTold)) return;
      toldAtMs = now();
      if (now() - decidedAtMs < probeEveryMs) return;
      health = found;
      isTold = true;
    },
    /** The running probe. Starts one when it is due. */
    probed: (): Promise<void> | undefined => {
      if (probing === undefined && (isInDoubt || isDue()) && now() - probedAtMs >= probeEveryMs)
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

/** No agent has this id. */
const spaceName = '';

/** The health of a gateway's upstreams. Sends no probe before health is asked for. */
export function createHealth({ agentIds, probe, shared, now = () => performance.now() }: HealthOptions): Health {
  const create = (plane: Plane, agentId?: string) =>
    createUpstreamHealth({
      ...{ plane, now },
      probe: () => probe(agentId),
      isOwn: () => shared?.isOwn(agentId ?? spaceName) ?? true,
    });
  const space = create('SPACE');
  const agents = new Map(agentIds.map((id) => [id, create('AGENT', id)]));
  const all = new Map([[spaceName, space], ...agents]);
  let readAtMs = -Infinity;

  /** Takes what other replicas found. */
  const read = async (probes: SharedProbes): Promise<void> => {
    for (const [name, found] of Object.entries(await probes.found(foundMs))) all.get(name)?.tell(found);
  };

  const tell = async (probes: SharedProbes): Promise<void> => {
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
        const heard = healthOf(outcome, status);
        if (heard !== undefined) named(request)?.hear(heard);
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
      if (isExchanged) void tell(shared);
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
