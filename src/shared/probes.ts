import type { ErrorCode, Plane } from '../errors.ts';

/** The last known health of an upstream. */
export interface UpstreamHealth {
  /** Null: not known yet. */
  readonly answers: boolean | null;
  /** The error code, when it does not answer. */
  readonly reason?: ErrorCode;
  /** The plane that failed, where it is another one: the space plane lists the agents' addresses. */
  readonly plane?: Plane;
}

/** Probes of upstreams, divided among the replicas. */
export interface SharedProbes {
  /** This replica probes it. While the store is unreachable, each replica probes all of them. */
  readonly isOwn: (upstream: string) => boolean;
  /** Health that other replicas published within a time, by upstream. */
  readonly found: (withinMs: number) => Promise<Readonly<Record<string, UpstreamHealth>>>;
  /** Publishes the results of this replica, in place of its earlier ones. */
  readonly publish: (found: Readonly<Record<string, UpstreamHealth>>) => Promise<void>;
}
