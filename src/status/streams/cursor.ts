import { createHash, randomBytes } from 'node:crypto';
import { hostname } from 'node:os';
import type { GapReason } from '../types.ts';

/** A position in the history of one watched object. */
export interface CursorPosition {
  readonly epoch: string;
  readonly sequence: number;
}

/** Formats a cursor: `<epoch>.<sequence>`, opaque to clients. */
export function formatCursor({ epoch, sequence }: CursorPosition): string {
  return `${epoch}.${sequence}`;
}

/** Null for a malformed cursor. */
export function parseCursor(cursor: string): CursorPosition | null {
  const [, epoch, digits] = /^([0-9a-z]{1,32})\.(0|[1-9]\d{0,14})$/.exec(cursor) ?? [];
  return epoch === undefined ? null : { epoch, sequence: Number(digits) };
}

function shortHash(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 4);
}

/**
 * Names the epochs of this process: by host, process and scope. The process id is random, so that no cursor of another process is
 * taken for ours. Each epoch is another one, because the sequence of a forgotten object starts at 1 again; numbers would tell
 * callers how much others watch.
 */
export function createEpochs(host: string = hostname()): (scope: string) => string {
  const ofHost = shortHash(host);
  const ofProcess = randomBytes(4).toString('hex');
  return (scope) => `${ofHost}${ofProcess}${shortHash(`${ofProcess} ${scope}`)}${randomBytes(6).toString('hex')}`;
}

function partsOf(epoch: string) {
  const [, host, process, scope] = /^([0-9a-f]{4})([0-9a-f]{8})([0-9a-f]{4})[0-9a-z]+$/.exec(epoch) ?? [];
  return { host, process, scope };
}

/** The reason why a cursor can't be resumed in this epoch. */
export function gapReasonOf(cursor: string, epoch: string): GapReason {
  const given = partsOf(parseCursor(cursor)?.epoch ?? '');
  const own = partsOf(epoch);
  if (given.host === undefined) return 'EXPIRED_CURSOR';
  if (given.host !== own.host) return 'FAILOVER';
  if (given.process !== own.process) return 'RESTART';
  return given.scope === own.scope ? 'EXPIRED_CURSOR' : 'RIGHT_CHANGED';
}
