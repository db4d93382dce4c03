import { errorCodes, GatewayError, type ErrorCode, type Plane } from '../errors.ts';
import { within } from '../time.ts';
import type { Observer, Outcome, UpstreamName } from './observer.ts';

/** Whether an upstream answers, as far as is known. */
export interface UpstreamHealth {
  /** Null while nothing is known yet. */
  readonly answers: boolean | null;
  /** Why it does not: an error code. */
  readonly reason?: ErrorCode;
  /** Which plane the reason comes from, where it is another one: an agent's address is asked of the space plane. */
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

/** Knows which upstreams answer, from what operations find out, and asks those of which nothing was heard lately. */
export interface Health {
  /** Is to be told of all that happens upstream, for operations and for probes. */
  readonly observer: Pick<Observer, 'requestEnd' | 'breakerState'>;
  /** What is known, after waiting for probes that are under way for so long at most. */
  readonly readiness: (waitMs?: number) => Promise<Readiness>;
}

/** What a health is made of. */
export interface HealthOptions {
  readonly agentIds: readonly string[];
  /** Sends the cheapest call to the space plane, or to an agent. */
  readonly probe: (agentId?: string) => Promise<unknown>;
  readonly now?: () => number;
}

/** An upstream that nothing was heard of for so long is asked, and asked once in this time at most. */
const probeEveryMs = 5_000;

/** How long an answer waits for probes: less than the second that Kubernetes gives it. */
const defaultWaitMs = 500;

/** A refusal of what was asked shows that somebody is there who answers; one that is no answer says nothing. */
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
 * One upstream. An answer shows at once that it is there. A failure of some operation only raises a doubt, since a slow
 * question is no outage: the next probe, or the breaker, decides.
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
    // What was heard counts for more than what came back, which may have come from a cache.
    const heard = last === before ? undefined : last?.health;
    const found = heard?.answers === true ? heard : (failure ?? heard);
    if (found !== undefined) decide(found);
  };

  return {
    health: () => health,
    hear,
    /** The probe under way, beginning one if it is time. */
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

/** The health of one gateway's upstreams. Nothing is asked before somebody wants to know. */
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
