import type { RestClient } from '../../upstream/rest.ts';
import type { CallTable } from '../../upstream/upstream.ts';

/** A client that rejects every call. */
export function refusingClient<Operations, Calls extends CallTable>(error: Error): RestClient<Operations, Calls> {
  const refuse = () => Promise.reject(error);
  return { read: refuse, write: refuse };
}
