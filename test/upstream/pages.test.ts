import { describe, expect, test } from 'vitest';
import { connect } from '../../src/graph/page.ts';
import { mergePages } from '../../src/graph/merge.ts';
import { byPageNumber, findRow, readAll, readThings, readWindow, type ReadPage } from '../../src/upstream/pages.ts';

/** Rows 0, 1, 2 … of a list. */
const numbers = (length: number): number[] => Array.from({ length }, (_, index) => index);

/** A row as sources read it. */
interface Row {
  readonly ticsId: string;
}

const numberOf = ({ ticsId }: Row): number => Number(ticsId);

/** A list as the service pages it; rows that `hasId` denies come without an id. */
const listOf =
  (length: number, { tellsTotal = true, hasId = (row: number): boolean => row >= 0 } = {}): ReadPage<Row> =>
  (offset, limit) => {
    const lists = numbers(length)
      .slice(offset, offset + limit)
      .map((row) => ({ ticsId: hasId(row) ? String(row) : '' }));
    return Promise.resolve(readThings('listLeagues', { lists, total: tellsTotal ? length : null }, (row) => row));
  };

/** Nothing is to be reported. */
const never = (error: Error): never => {
  throw error;
};

interface Page {
  readonly edges: readonly { readonly node: Row; readonly cursor: string }[];
  readonly hasNextPage: boolean;
  readonly endCursor?: string | null;
}

/** Follows a connection to its end, and answers what it showed. */
const walk = async (ask: (after: string | null) => Promise<Page>): Promise<number[]> => {
  const shown: number[] = [];
  let after: string | null = null;
  for (let pages = 0; pages < 1000; pages += 1) {
    const { edges, hasNextPage, endCursor }: Page = await ask(after);
    shown.push(...edges.map(({ node }) => numberOf(node)));
    if (!hasNextPage) return shown;
    if (edges.length > 0 && endCursor) expect(edges.at(-1)?.cursor).toBe(endCursor);
    after = endCursor ?? edges.at(-1)?.cursor ?? null;
  }
  throw new Error('the connection has no end');
};

const lists = [0, 1, 99, 100, 101, 250];
const sizes = [1, 7, 100, 120, 1000];

describe.each(lists)('a list of %i rows', (length) => {
  test.each(sizes)('is shown wholly, each row once, %i a page, whether it tells its total or not', async (first) => {
    for (const tellsTotal of [true, false]) {
      const read = listOf(length, { tellsTotal });
      expect(await walk((after) => connect({ first, after }, read, never))).toEqual(numbers(length));
    }
  });

  test.each(sizes)('with rows that have no id is shown without them, no other twice, %i a page', async (first) => {
    for (const tellsTotal of [true, false])
      for (const hasId of [(row: number) => row % 10 !== 3, (row: number) => row < 98, () => false]) {
        const read = listOf(length, { hasId, tellsTotal });
        const reported: number[] = [];
        const isShort: number[] = [];
        let pages = 0;
        const shown = await walk(async (after) => {
          const start = pages * first;
          pages += 1;
          if (
            !numbers(length)
              .slice(start, start + first)
              .every(hasId)
          )
            isShort.push(start);
          return connect({ first, after }, read, () => void reported.push(start));
        });
        expect(shown).toEqual(numbers(length).filter(hasId));
        // Each page that is short says so, once.
        expect(reported).toEqual(isShort);
      }
  });

  test.each(sizes)('by page numbers, with rows that have no id, is read in its places, %i a page', async (size) => {
    const hasId = (row: number) => row % 7 !== 2;
    const counted = listOf(length, { hasId });
    const read = byPageNumber<Row>((page, rows) => counted((page - 1) * rows, rows));
    const limit = Math.min(size, 100);
    for (const offset of [0, 1, 5, 98]) {
      const { rows, gaps } = await read(offset, limit);
      const expected = numbers(length).slice(offset, offset + limit);
      expect(rows.map(numberOf)).toEqual(expected.filter(hasId));
      expect(gaps?.places.map((row) => row && numberOf(row)) ?? expected).toEqual(
        expected.map((row) => (hasId(row) ? row : null)),
      );
    }
  });

  test.each(sizes)('is shown wholly beside another one, %i a page', async (first) => {
    const hasId = (row: number) => row % 10 !== 3;
    for (const options of [{}, { tellsTotal: false }, { hasId }, { hasId, tellsTotal: false }]) {
      let faults = 0;
      const all = (after: string | null) =>
        mergePages(
          { first, after },
          {
            sources: [
              { name: 'one', read: listOf(length, options) },
              {
                name: 'other',
                read: async (offset, limit) => {
                  const { rows, total, gaps } = await listOf(30, options)(offset, limit);
                  const half = ({ ticsId }: Row): Row => ({ ticsId: `${ticsId}.5` });
                  const places = gaps?.places.map((row) => row && half(row));
                  return { rows: rows.map(half), total, ...(gaps && places && { gaps: { ...gaps, places } }) };
                },
              },
            ],
            idOf: ({ ticsId }) => ticsId,
            compare: (one, other) => numberOf(one) - numberOf(other),
            report: (error) => {
              expect(error.extensions).toMatchObject({
                code: 'UPSTREAM_INVALID_ANSWER',
                plane: 'SPACE',
                call: 'listLeagues',
              });
              faults += 1;
            },
          },
        );
      const kept = options.hasId ?? (() => true);
      const expected = [
        ...numbers(length).filter(kept),
        ...numbers(30)
          .filter(kept)
          .map((row) => row + 0.5),
      ];
      expect(await walk(all)).toEqual(expected.sort((one, other) => one - other));
      expect(faults > 0).toBe('hasId' in options);
    }
  });

  test('is read wholly and searched wholly, whether it tells its total or not', async () => {
    for (const tellsTotal of [true, false]) {
      const read = listOf(length, { tellsTotal });
      expect((await readAll(read)).map(numberOf)).toEqual(numbers(length));
      expect((await readWindow(read, 5, 1000)).rows.map(numberOf)).toEqual(numbers(length).slice(5));
      expect((await findRow(read, (row) => numberOf(row) === length - 1))?.ticsId).toBe(
        length > 0 ? String(length - 1) : undefined,
      );
      expect(await findRow(read, (row) => numberOf(row) === length)).toBeUndefined();
    }
  });
});

test('a list that gives fewer rows than the total it tells comes to an end', async () => {
  const read: ReadPage<Row> = async (offset, limit) => ({ ...(await listOf(5)(offset, limit)), total: 300 });
  expect(await walk((after) => connect({ first: 50, after }, read, never))).toEqual(numbers(5));
});

test('a list is asked for 16 pages at a time, and not for those behind an empty one, whatever its total says', async () => {
  const asked: number[] = [];
  let atOnce = 0;
  let most = 0;
  const read: ReadPage<number> = async (offset, limit) => {
    asked.push(offset);
    most = Math.max(most, (atOnce += 1));
    await new Promise(setImmediate);
    atOnce -= 1;
    return { rows: numbers(2_000).slice(offset, offset + limit), total: Number.MAX_SAFE_INTEGER };
  };
  expect(await readAll(read)).toEqual(numbers(2_000));
  expect(most).toBe(16);
  expect(asked).toHaveLength(1 + 16 + 16);
});

test.each([true, false])(
  'a list that begins anew where more is asked for is no list (it tells its total: %s)',
  async (tells) => {
    const read: ReadPage<number> = (_, limit) =>
      Promise.resolve({ rows: numbers(100).slice(0, limit), total: tells ? 300 : null });
    await expect(readAll(read)).rejects.toMatchObject({ code: 'UPSTREAM_INVALID_ANSWER' });
  },
);

test('rows beyond what was asked for are shown once, on their own page', async () => {
  const read: ReadPage<Row> = (offset) => listOf(250)(offset, 250);
  expect((await readAll(read)).map(numberOf)).toEqual(numbers(250));
  expect(await walk((after) => connect({ first: 30, after }, read, never))).toEqual(numbers(250));
});

test.each([0, -1])('a list that tells the total %i beside its rows is shown wholly all the same', async (total) => {
  const read: ReadPage<Row> = async (offset, limit) => ({ ...(await listOf(250)(offset, limit)), total });
  expect((await readAll(read)).map(numberOf)).toEqual(numbers(250));
  expect(await walk((after) => connect({ first: 30, after }, read, never))).toEqual(numbers(250));
});

test('no row of a list that tells no total is searched beyond the cap', async () => {
  const asked: number[] = [];
  const read: ReadPage<Row> = (offset, limit) => {
    asked.push(offset);
    return listOf(5000, { tellsTotal: false })(offset, limit);
  };
  await expect(findRow(read, (row) => numberOf(row) === 4000)).rejects.toMatchObject({ code: 'SEARCH_LIMIT' });
  expect(Math.max(...asked)).toBe(1900);
});
