import type { GatewayError } from '../errors.ts';

/** The place of an operation among those that run. Both return the refusal, if any. */
export interface OperationPermit {
  /** Counts it for its caller. */
  readonly countFor: (caller: string) => GatewayError | undefined;
  /** Admits a subscription before it starts. */
  readonly streams: () => GatewayError | undefined;
}
