import { describe, expect, test } from 'vitest';
import type { GatewayError } from '../../src/errors.ts';
import { connect } from '../../src/graphql/shared/page.ts';
import { mergePages } from '../../src/graphql/shared/merge/mergePages.ts';
import { byPageNumber, findRow, readAll, readObjects, readWindow, type ReadPage } from '../../src/tics/pages.ts';

/** Rows 0, 1, 2 … of a list. */
function numbers(length: number): number[] {
  return Array.from({ length }, (_, index) => index);
}

/** A row as sources read it. */
interface Row {
  readonly ticsId: string;
}

function numberOf({ ticsId }: Row): number {
  return Number(ticsId);
}

/** A list as the service pages it; rows that `hasId` denies come without an id. */
function listOf(length: number, { tellsTotal = true, hasId = (row: number): boolean => row >= 0 } = {}): ReadPage<Row> {
  return (offset, limit) => {
    const lists = numbers(length)
      .slice(offset, offset + limit)
      .map((row) => ({ ticsId: hasId(row) ? String(row) : '' }));
    return Promise.resolve(readObjects('listLeagues', { lists, total: tellsTotal ? length : null }, (row) => row));
  };
}

/** Nothing is to be reported. */
function never(error: Error): never {
  throw error;
}

interface Page {
  readonly edges: () => readonly { readonly node: Row; readonly cursor: string }[];
  readonly hasNextPage: boolean;
  readonly endCursor?: () => string | null;
}

/** Follows a connection to its end; returns its rows. */
async function walk(ask: (after: string | null) => Promise<Page>): Promise<number[]> {
  const shown: number[] = [];
  let after: string | null = null;
  for (let pages = 0; pages < 1000; pages += 1) {
    const page: Page = await ask(after);
    const { hasNextPage } = page;
    const edges = page.edges();
    const endCursor = page.endCursor?.();
    shown.push(...edges.map(({ node }) => numberOf(node)));
    if (!hasNextPage) return shown;
    if (edges.length > 0 && endCursor) expect(edges.at(-1)?.cursor).toBe(endCursor);
    after = endCursor ?? edges.at(-1)?.cursor ?? null;
  }
  throw new Error('the connection has no end');
}

const lists = [0, 1, 99, 100, 101, 250];
const sizes = [1, 7, 100, 120, 1000];

describe.each(lists)('a list of %i rows', (length) => {
  test.each(sizes)('is paged completely, each row once, %i a page, with and without a total', async (first) => {
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
              { name: 'SQL', read: listOf(length, options) },
              {
                name: 'LEARNING',
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

  test('is read and searched completely, with and without a total', async () => {
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

/** Takes what is reported, to be looked at. */
function reports() {
  const codes: unknown[] = [];
  return { codes, report: ({ extensions }: GatewayError) => void codes.push(extensions['code'], extensions['call']) };
}
const invalid = ['UPSTREAM_INVALID_ANSWER', 'listLeagues'];

test('a list with fewer rows than its total ends at the first empty page', async () => {
  const read: ReadPage<Row> = async (offset, limit) => ({ ...(await listOf(5)(offset, limit)), total: 300 });
  for (const first of [50, 1000]) {
    const { codes, report } = reports();
    expect(await walk((after) => connect({ first, after }, read, report))).toEqual(numbers(5));
    expect(codes).toEqual([]);
  }
  expect((await readAll(read)).map(numberOf)).toEqual(numbers(5));
  expect(await findRow(read, (row) => numberOf(row) === 7)).toBeUndefined();
  expect(await findRow(read, (row) => numberOf(row) === 4)).toMatchObject({ ticsId: '4' });
});

test('no rows beside a total are not an empty list, but they are behind its end', async () => {
  const read: ReadPage<Row> = () =>
    Promise.resolve(readObjects('listLeagues', { lists: null, total: 3 }, (row: Row) => row));
  const { codes, report } = reports();
  expect(await connect({ first: 10 }, read, report)).toMatchObject({ nodes: [], hasNextPage: false });
  expect(codes).toEqual(invalid);
  await expect(findRow(read, () => true)).rejects.toMatchObject({ code: 'UPSTREAM_INVALID_ANSWER' });
  expect((await readWindow(read, 3, 10)).gaps).toBeUndefined();
});

test.each([1, 7, 50, 99])('a list that gives %i rows a call at most is shown wholly', async (most) => {
  for (const length of [99, 100, 257]) {
    const asked: number[] = [];
    const capped: ReadPage<Row> = (offset, limit) => {
      asked.push(offset);
      return listOf(length)(offset, Math.min(limit, most));
    };
    expect((await readAll(capped)).map(numberOf)).toEqual(numbers(length));
    expect(asked).toHaveLength(Math.ceil(length / most));
    const numbered = () =>
      byPageNumber<Row>((page, rows) => {
        const size = Math.min(rows, most);
        return listOf(length)((page - 1) * size, size);
      });
    expect((await readAll(numbered())).map(numberOf)).toEqual(numbers(length));
    for (const read of [capped, numbered()]) {
      expect(await walk((after) => connect({ first: 120, after }, read, never))).toEqual(numbers(length));
      expect((await findRow(read, (row) => numberOf(row) === length - 1))?.ticsId).toBe(String(length - 1));
      expect(await findRow(read, (row) => numberOf(row) === length)).toBeUndefined();
      const merged = (after: string | null) =>
        mergePages(
          { first: 40, after },
          {
            sources: [{ name: 'SQL', read, keep: (row) => numberOf(row) % 2 === 0 }],
            idOf: ({ ticsId }) => ticsId,
            compare: (one, other) => numberOf(one) - numberOf(other),
            report: never,
          },
        );
      expect(await walk(merged)).toEqual(numbers(length).filter((row) => row % 2 === 0));
    }
  }
});

test('a page that comes short in the midst of others is read on from what it gave', async () => {
  const read: ReadPage<Row> = (offset, limit) => listOf(450)(offset, offset === 200 ? 30 : limit);
  expect((await readAll(read)).map(numberOf)).toEqual(numbers(450));
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
  expect((await readWindow(read, 0, Number.MAX_SAFE_INTEGER)).rows).toEqual(numbers(2_000));
  expect(most).toBe(16);
  expect(asked).toHaveLength(1 + 16 + 16);
});

test.each([true, false])(
  'a list that begins anew where more is asked for is told once, and said to be short (it tells its total: %s)',
  async (tells) => {
    let calls = 0;
    const numbered: ReadPage<number> = (_, limit) => {
      calls += 1;
      return Promise.resolve({ rows: numbers(100).slice(0, limit), total: tells ? 100_000 : null });
    };
    const identified: ReadPage<Row> = async (_, limit) => {
      calls += 1;
      const { total, ...page } = await listOf(257)(0, limit);
      return { ...page, total: tells ? total : null };
    };
    for (const read of [numbered, identified] as const) {
      await expect(readAll<unknown>(read)).rejects.toMatchObject({ code: 'UPSTREAM_INVALID_ANSWER' });
      calls = 0;
      const { rows, gaps } = await readWindow<unknown>(read, 0, 100_000);
      expect(rows).toHaveLength(100);
      expect(gaps?.fault).toMatchObject({ code: 'UPSTREAM_INVALID_ANSWER' });
      expect(calls).toBeLessThanOrEqual(17);
    }
    await expect(findRow(identified, (row) => numberOf(row) === 200)).rejects.toMatchObject({
      code: 'UPSTREAM_INVALID_ANSWER',
    });
  },
);

test('a row that comes twice in one answer appears once, as it came first, and is reported', async () => {
  const lists = ['0', '1', '0', '', '2', '2'].map((ticsId, place) => ({ ticsId, place }));
  const page = readObjects('listLeagues', { lists, total: 6 }, (row) => row);
  expect(page.rows.map(({ place }) => place)).toEqual([0, 1, 4]);
  expect(page.gaps?.places.map((row) => row?.place)).toEqual([0, 1, undefined, undefined, 4, undefined]);
  const twice = readObjects('listLeagues', { lists: lists.slice(0, 3), total: 3 }, (row) => row);
  expect(twice.gaps?.fault.code).toBe('UPSTREAM_INVALID_ANSWER');
  expect(twice.gaps?.fault.message).toContain('repeated');
  expect((await readWindow(() => Promise.resolve(twice), 0, 5)).rows).toHaveLength(2);
});

test('a row repeated because the list shifted appears once, and is reported', async () => {
  let pages = 0;
  const read: ReadPage<Row> = (offset, limit) => {
    const isLater = (pages += 1) > 1;
    const lists = [...(isLater ? ['new'] : []), ...numbers(200).map(String)].map((ticsId) => ({ ticsId }));
    return Promise.resolve(
      readObjects('listLeagues', { lists: lists.slice(offset, offset + limit), total: lists.length }, (row) => row),
    );
  };
  const { codes, report } = reports();
  const { nodes } = await connect({ first: 1000 }, read, report);
  expect(nodes.map(numberOf)).toEqual(numbers(200));
  expect(codes).toEqual(invalid);
});

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

test('a list without a total is searched up to the cap', async () => {
  const asked: number[] = [];
  const read: ReadPage<Row> = (offset, limit) => {
    asked.push(offset);
    return listOf(5000, { tellsTotal: false })(offset, limit);
  };
  await expect(findRow(read, (row) => numberOf(row) === 4000)).rejects.toMatchObject({ code: 'SEARCH_LIMIT' });
  expect(Math.max(...asked)).toBe(1900);
});
