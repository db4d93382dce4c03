import type { Subject } from '../kit/subject.ts';

/** Other gateways and servers that do the same work. */
export const peers: readonly Subject[] = [];
