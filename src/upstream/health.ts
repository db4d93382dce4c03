import { errorCodes, GatewayError, type ErrorCode, type Plane } from '../errors.ts';
import { within } from '../time.ts';
import type { Observer, Outcome, UpstreamName } from './observer.ts';

/** The last known health of an upstream. */
export interface UpstreamHealth {
  /** Null: not known yet. */
  readonly answers: boolean | null;
  /** The error code, when it does not answer. */
  readonly reason?: ErrorCode;
  /** The plane that failed, where it is another one: the space plane lists the agents' addresses. */
  readonly plane?: Plane;
}

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
  readonly now?: () => number;
}

/** An upstream without calls for this long is probed, at most once per this time. */
export const probeEveryMs = 5_000;

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

/**
 * The health of one upstream. An answer counts at once. The failure of an operation only makes it due for a probe, since one slow
 * call is no outage: the probe, or the breaker, decides.
 */
function createUpstreamHealth(plane: Plane, probe: () => Promise<unknown>, now: () => number) {
  let health: UpstreamHealth = { answers: null };
  let last: { readonly health: UpstreamHealth; readonly atMs: number } | undefined;
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
    isInDoubt = false;
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
    /** The running probe. Starts one when it is due. */
    probed: (): Promise<void> | undefined => {
      const isDue = isInDoubt || health.answers !== true || now() - (last?.atMs ?? -Infinity) >= probeEveryMs;
      if (probing === undefined && isDue && now() - probedAtMs >= probeEveryMs)
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

/** The health of a gateway's upstreams. Sends no probe before health is asked for. */
export function createHealth({ agentIds, probe, now = () => performance.now() }: HealthOptions): Health {
  const space = createUpstreamHealth('SPACE', () => probe(), now);
  const agents = new Map(agentIds.map((id) => [id, createUpstreamHealth('AGENT', () => probe(id), now)]));

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
      const probes = [space, ...agents.values()].flatMap(({ probed }) => probed() ?? []);
      if (probes.length > 0) await within(Promise.all(probes), waitMs, () => undefined);
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
