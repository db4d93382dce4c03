import type { Subject } from '../kit/subject.ts';
import { hiveSubject } from './hive.ts';
import { constantSubject, gatewaySubject, rawSubject } from './own.ts';
import { peers } from './peers.ts';
import { tailcallSubject } from './tailcall.ts';

/** The gateway with nothing shared, so that each answer is worked for. */
export function oursUnshared(entry?: string): Subject {
  return gatewaySubject('ours', { sharing: 'off' }, { entry });
}

/** The gateway as it is without configuration. */
export function oursShared(entry?: string): Subject {
  return gatewaySubject('ours, shared', {}, { entry });
}

/** The gateway with a cache that stays fresh for longer than the bench takes. */
export function oursCached(entry?: string): Subject {
  return gatewaySubject('ours, cached', { cache: { freshMs: 3_600_000 } }, { entry });
}

/** The same calls by hand. */
export const raw = rawSubject('raw');

/** The same, out of values that were read before. */
export const rawCached = rawSubject('raw, cached', true);

/** All that answer Q1 and Q2. */
export function subjects(entry?: string): readonly Subject[] {
  return [oursUnshared(entry), raw, constantSubject, ...peers, hiveSubject, tailcallSubject];
}
