import { randomBytes } from 'node:crypto';

/** A position in the history of one watched object. */
export interface CursorPosition {
  readonly epoch: string;
  readonly sequence: number;
}

/** Formats a cursor: `<epoch>.<sequence>`, opaque to clients. */
export function formatCursor({ epoch, sequence }: CursorPosition): string {
  return `${epoch}.${sequence}`;
}

/** Null when the cursor was not made here. */
export function parseCursor(cursor: string): CursorPosition | null {
  const [, epoch, digits] = /^([0-9a-z]{1,32})\.(0|[1-9]\d{0,14})$/.exec(cursor) ?? [];
  return epoch === undefined ? null : { epoch, sequence: Number(digits) };
}

/**
 * Names the epochs of this process. Random, so that a cursor of another process is never taken for ours; numbered, because an
 * object that was forgotten counts from 1 again.
 */
export function createEpochs(): () => string {
  const process = randomBytes(6).toString('hex');
  let number = 0;
  return () => {
    number += 1;
    return `${process}${number.toString(36)}`;
  };
}
