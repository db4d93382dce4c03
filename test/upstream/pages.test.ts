import { describe, expect, test } from 'vitest';
import { connect } from '../../src/graph/page.ts';
import { mergePages } from '../../src/graph/merge.ts';
import { findRow, readAll, readWindow, type ReadPage } from '../../src/upstream/pages.ts';

/** Rows 0, 1, 2 … of a list. */
const numbers = (length: number): number[] => Array.from({ length }, (_, index) => index);

/** A list as the service pages it; rows that `hasId` denies come without an id and are left out by their source. */
const listOf =
  (length: number, { tellsTotal = true, hasId = (row: number): boolean => row >= 0 } = {}): ReadPage<number> =>
  (offset, limit) =>
    Promise.resolve({
      rows: numbers(length)
        .slice(offset, offset + limit)
        .filter(hasId),
      total: tellsTotal ? length : null,
    });

interface Page {
  readonly edges: readonly { readonly node: number; readonly cursor: string }[];
  readonly hasNextPage: boolean;
  readonly endCursor?: string | null;
}

/** Follows a connection to its end, and answers what it showed. */
const walk = async (ask: (after: string | null) => Promise<Page>): Promise<number[]> => {
  const shown: number[] = [];
  let after: string | null = null;
  for (let pages = 0; pages < 1000; pages += 1) {
    const { edges, hasNextPage, endCursor }: Page = await ask(after);
    shown.push(...edges.map(({ node }) => node));
    if (!hasNextPage) return shown;
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
      expect(await walk((after) => connect({ first, after }, read))).toEqual(numbers(length));
    }
  });

  test.each(sizes)('with rows that have no id is shown without them, no other twice, %i a page', async (first) => {
    for (const hasId of [(row: number) => row % 10 !== 3, (row: number) => row < 98, () => false]) {
      const read = listOf(length, { hasId });
      expect(await walk((after) => connect({ first, after }, read))).toEqual(numbers(length).filter(hasId));
    }
  });

  test.each(sizes)('is shown wholly beside another one, %i a page', async (first) => {
    for (const options of [{}, { tellsTotal: false }, { hasId: (row: number) => row % 10 !== 3 }]) {
      const all = (after: string | null) =>
        mergePages(
          { first, after },
          {
            sources: [
              { name: 'one', read: listOf(length, options) },
              {
                name: 'other',
                read: async (offset, limit) => {
                  const { rows, total } = await listOf(30, options)(offset, limit);
                  return { rows: rows.map((row) => row + 0.5), total };
                },
              },
            ],
            idOf: String,
            compare: (one, other) => one - other,
            report: (error) => {
              throw error;
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
    }
  });

  test('is read wholly and searched wholly, whether it tells its total or not', async () => {
    for (const tellsTotal of [true, false]) {
      const read = listOf(length, { tellsTotal });
      expect(await readAll(read)).toEqual(numbers(length));
      expect((await readWindow(read, 5, 1000)).rows).toEqual(numbers(length).slice(5));
      expect(await findRow(read, (row) => row === length - 1)).toBe(length > 0 ? length - 1 : undefined);
      expect(await findRow(read, (row) => row === length)).toBeUndefined();
    }
  });
});

test('a list that gives fewer rows than the total it tells comes to an end', async () => {
  const read: ReadPage<number> = (offset, limit) =>
    Promise.resolve({ rows: numbers(5).slice(offset, offset + limit), total: 300 });
  expect(await walk((after) => connect({ first: 50, after }, read))).toEqual(numbers(5));
});

test('no row of a list that tells no total is searched beyond the cap', async () => {
  const asked: number[] = [];
  const read: ReadPage<number> = (offset, limit) => {
    asked.push(offset);
    return listOf(5000, { tellsTotal: false })(offset, limit);
  };
  await expect(findRow(read, (row) => row === 4000)).rejects.toMatchObject({ code: 'SEARCH_LIMIT' });
  expect(Math.max(...asked)).toBe(1900);
});
