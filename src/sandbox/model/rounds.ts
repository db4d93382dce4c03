import type { Instance } from './jobs.ts';

/** The round at a moment; 0 before RUNNING. */
export function roundAt({ status, runningAtMs, rounds, runMs }: Instance, atMs: number): number {
  if (runningAtMs === undefined) return 0;
  return status === 'SUCCEEDED' ? rounds : Math.min(rounds, 1 + Math.floor((rounds * (atMs - runningAtMs)) / runMs));
}
