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

/** Probes of upstreams, which each replica sends to some of them, for all replicas. */
export interface SharedProbes {
  /** This replica probes it. While nobody can tell, each replica probes all of them. */
  readonly isOwn: (upstream: string) => boolean;
  /** What other replicas found within a time, by upstream. */
  readonly found: (withinMs: number) => Promise<Readonly<Record<string, UpstreamHealth>>>;
  /** Tells what this replica found, in the place of what it told before. */
  readonly tell: (found: Readonly<Record<string, UpstreamHealth>>) => Promise<void>;
}
