import { randomBytes } from 'node:crypto';

/** A place in what was seen of one watched thing. */
export interface Place {
  readonly epoch: string;
  readonly sequence: number;
}

/** Cursors are opaque to clients: `<epoch>.<sequence>`. */
export function formatCursor({ epoch, sequence }: Place): string {
  return `${epoch}.${sequence}`;
}

/** The place that a cursor names, or null when it is none of ours. */
export function parseCursor(cursor: string): Place | null {
  const [, epoch, digits] = /^([0-9a-z]{1,32})\.(0|[1-9]\d{0,14})$/.exec(cursor) ?? [];
  return epoch === undefined ? null : { epoch, sequence: Number(digits) };
}

/**
 * Names the epochs of one process: random, so that another process or an earlier one is never mistaken for it, and numbered,
 * because a thing that was forgotten and is watched anew counts from 1 again.
 */
export function createEpochs(): () => string {
  const process = randomBytes(6).toString('hex');
  let number = 0;
  return () => {
    number += 1;
    return `${process}${number.toString(36)}`;
  };
}
