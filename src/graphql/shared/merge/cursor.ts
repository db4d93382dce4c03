import { GatewayError } from '../../../errors.ts';
import { maxOffset } from '../page.ts';

/** Position in a source: the number of rows passed so far, and the id of the last. */
export interface Mark {
  readonly position: number;
  readonly lastId: string | null;
}

/** Marks by the names of their sources. */
export type Marks = ReadonlyMap<string, Mark>;

export const start: Mark = { position: 0, lastId: null };

export function formatCursor(marks: Marks): string {
  return Buffer.from(
    JSON.stringify([...marks].map(([name, { position, lastId }]) => [name, position, lastId])),
  ).toString('base64url');
}

function isEntry(entry: unknown): entry is [string, number, string | null] {
  return (
    Array.isArray(entry) &&
    typeof entry[0] === 'string' &&
    Number.isSafeInteger(entry[1]) &&
    entry[1] >= 0 &&
    entry[1] <= maxOffset &&
    (entry[2] === null || typeof entry[2] === 'string')
  );
}

/** @throws GatewayError INVALID_CURSOR */
export function parseCursor(cursor: string): Marks {
  try {
    const entries: unknown = JSON.parse(Buffer.from(cursor, 'base64url').toString('utf8'));
    if (Array.isArray(entries) && entries.every(isEntry))
      return new Map(entries.map(([name, position, lastId]) => [name, { position, lastId }]));
  } catch {
    // Not our JSON: refused like JSON of another form.
  }
  throw new GatewayError('INVALID_CURSOR', 'This cursor was not made by this connection. Start again without `after`.');
}
