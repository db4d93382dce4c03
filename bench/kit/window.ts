import { coreTime, disturbanceBetween, type Disturbance } from './disturbance.ts';
import type { LoadResult, LoadTask } from './loadTask.ts';
import { cpuMsOf, residentBytesOf } from './process.ts';
import type { Stage } from './stage.ts';
import type { Question, RunningSubject } from './subject.ts';
import type { StaticUpstream } from './upstream.ts';

/** One subject under one load for a while. */
export interface Window extends LoadResult {
  /** Processor time of the subject's process for each good answer. */
  readonly cpuMs: number;
  /** Share of a core that the subject used. */
  readonly utilization: number;
  /** Upstream requests for each good answer. */
  readonly calls: number;
  readonly residentBytes: number;
  readonly disturbance: Disturbance;
}

/** How a window is measured. */
export interface WindowOptions extends Pick<LoadTask, 'connections' | 'seconds' | 'honorsRetryAfter'> {
  readonly upstream?: StaticUpstream;
}

/** Measures one window. Requests in flight at its end are waited for, so that times and counts belong to its answers. */
export async function measureWindow(
  { load, upstream: usual }: Pick<Stage, 'load' | 'upstream'>,
  { pid, port, headers }: Pick<RunningSubject, 'pid' | 'port' | 'headers'>,
  question: Question,
  { upstream = usual, connections, seconds, honorsRetryAfter = false }: WindowOptions,
): Promise<Window> {
  const callsBefore = await upstream.requests();
  const coreBefore = coreTime();
  const cpuBefore = cpuMsOf(pid);
  const result = await load.run({
    port,
    connections,
    seconds,
    honorsRetryAfter,
    ...question,
    ...(headers && { headers }),
  });
  const cpu = cpuMsOf(pid) - cpuBefore;
  const disturbance = disturbanceBetween(coreBefore, coreTime(), cpu);
  const calls = (await upstream.requests()) - callsBefore;
  return {
    ...result,
    cpuMs: cpu / result.good,
    utilization: cpu / 1000 / result.seconds,
    calls: calls / result.good,
    residentBytes: residentBytesOf(pid),
    disturbance,
  };
}

/** @throws Error when anything but the reference was answered, or a connection was closed */
export function demandRight(name: string, { wrong, failed, firstWrong, good, late }: LoadResult): void {
  if (wrong > 0) throw new Error(`${name}: ${wrong} answers differ from the reference. The first: ${firstWrong}`);
  if (failed > 0) throw new Error(`${name}: ${failed} requests were not answered`);
  if (good === 0 && late === 0) throw new Error(`${name}: no good answer`);
}
