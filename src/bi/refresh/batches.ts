/** Pages that are written together at most: 3,200 rows. */
const maxPages = 32;

/** Collects the rows of pages, and writes those of several pages together. */
export interface Batches<Row, Answer> {
  readonly collect: (page: readonly Row[]) => void;
  /** Writes where enough pages wait. Answers what the write did, or undefined while they wait for more. */
  readonly writeFull: () => Promise<Answer | undefined>;
  /** Writes what waits. */
  readonly writeRest: () => Promise<Answer | undefined>;
}

/**
 * A write of the embedded engine passes over its whole table, however few rows it has: page by page, the time of a long list would
 * grow with the square of its length. Each batch has twice the pages of the one before, so that what is new is written at once.
 */
export function createBatches<Row, Answer>(write: (rows: readonly Row[]) => Promise<Answer>): Batches<Row, Answer> {
  let waiting: Row[] = [];
  let pages = 0;
  let size = 1;
  const writeRest = async (): Promise<Answer | undefined> => {
    const rows = waiting;
    waiting = [];
    pages = 0;
    size = Math.min(2 * size, maxPages);
    return rows.length === 0 ? undefined : write(rows);
  };
  return {
    collect: (page) => {
      waiting.push(...page);
      pages += 1;
    },
    writeFull: async () => (pages < size ? undefined : writeRest()),
    writeRest,
  };
}
