import { readFileSync } from 'node:fs';
import { loadavg } from 'node:os';
import { cores } from './process.ts';

/** Processor time of the subject's core, or of all where nothing is pinned, in kernel ticks. */
interface CoreTime {
  readonly busy: number;
  readonly steal: number;
  readonly total: number;
}

/** Reads how busy the subject's core has been since the machine started. */
export function coreTime(): CoreTime {
  const name = cores === undefined ? 'cpu' : `cpu${cores.subject}`;
  const line = new RegExp(`^${name} +(.*)$`, 'm').exec(readFileSync('/proc/stat', 'utf8'))?.[1] ?? '';
  const [user = 0, nice = 0, system = 0, idle = 0, wait = 0, irq = 0, softIrq = 0, steal = 0] = line
    .split(' ')
    .map(Number);
  const busy = user + nice + system + irq + softIrq;
  return { busy, steal, total: busy + idle + wait + steal };
}

/** What else used the subject's core in a window. */
export interface Disturbance {
  /** Share of the core's time that went to other processes. */
  readonly foreign: number;
  /** Share that the hypervisor gave to other machines. */
  readonly steal: number;
}

/** Above this a window is called disturbed: it is measured once more where there is time for it. */
export const disturbedAbove = 0.1;

/** @param ownMs - processor time of the subject between the two readings */
export function disturbanceBetween(before: CoreTime, after: CoreTime, ownMs: number): Disturbance {
  const total = Math.max(1, after.total - before.total);
  const others = after.busy - before.busy - ownMs / 10;
  return { foreign: Math.max(0, others / total), steal: (after.steal - before.steal) / total };
}

/** Was a window disturbed? */
export function isDisturbed({ foreign, steal }: Disturbance): boolean {
  return foreign + steal > disturbedAbove;
}

/** `foreign 12%, steal 0%, load 3.1`. */
export function disturbanceText({ foreign, steal }: Disturbance): string {
  const percent = (share: number): string => `${(share * 100).toFixed(0)}%`;
  return `other processes ${percent(foreign)} of the core, steal ${percent(steal)}, load ${loadavg()[0]?.toFixed(1)}`;
}
