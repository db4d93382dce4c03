import { expect, test } from 'vitest';
import { useStage } from '../../support/gateway.ts';
import { askGateway } from '../../support/gateway.ts';
import { useUpstreamServers } from '../../support/upstreamServer.ts';
import { pageFields, walk, type PageAnswer } from '../../support/walk.ts';

const stage = useStage();
const servers = useUpstreamServers(stage);

function numbers(from: number, to: number): readonly number[] {
  return Array.from({ length: to - from }, (_, index) => from + index);
}

/** Leagues by their numbers: the higher, the newer; or all of the same age, so that no order tells where a league stands. */
function rowsOf(leagues: readonly number[], ages: boolean) {
  return leagues.map((number) => ({
    id: `l${number}`,
    create_time: ages ? 1_700_000_000_000 + number : 1_700_000_000_000,
  }));
}

const query = `query ($first: Int, $after: String) { leagues(first: $first, after: $after) { nodes { ticsId } ${pageFields} } }`;

test.each([
  ['of different ages', numbers(0, 30).toReversed(), numbers(20, 50).toReversed(), true],
  ['all of the same age', numbers(0, 30), numbers(20, 50).toReversed(), false],
  ['more than a page of each', numbers(0, 230).toReversed(), numbers(100, 350).toReversed(), true],
  ['the same in both', numbers(0, 7), numbers(0, 7), false],
  ['one list empty', [], numbers(0, 7), false],
] as const)('a league that stands in both lists comes once: %s', async (_, owned, joined, ages) => {
  const gateway = await servers.gatewayBefore((request, response) => {
    const { searchParams } = new URL(request.url ?? '', 'http://space.test');
    const rows = rowsOf(searchParams.get('type') === 'owned' ? owned : joined, ages);
    const offset = Number(searchParams.get('offset'));
    const page = rows.slice(offset, offset + Number(searchParams.get('limit')));
    response.setHeader('content-type', 'application/json').end(JSON.stringify({ lists: page, total: rows.length }));
  });
  const all = [...new Set([...owned, ...joined])].map((number) => `l${number}`).sort();
  for (const first of [1, 7, 1000]) {
    if (first === 1 && all.length > 100) continue;
    const { rows, totals } = await walk(async (after) => {
      const { data, errors } = await askGateway<{ leagues: PageAnswer<{ ticsId: string }> }>(gateway, query, {
        first,
        after,
      });
      expect(errors).toBeUndefined();
      return data.leagues;
    });
    expect(rows.map(({ ticsId }) => ticsId).sort()).toEqual(all);
    expect(new Set(totals)).toEqual(new Set([all.length]));
  }
});

test('a list that ends before its total has the total that the service says', async () => {
  const gateway = await servers.gatewayBefore((request, response) => {
    const { searchParams } = new URL(request.url ?? '', 'http://space.test');
    const isFirst = searchParams.get('offset') === '0';
    const lists = isFirst ? rowsOf(numbers(0, 50).toReversed(), true) : [];
    response.setHeader('content-type', 'application/json').end(JSON.stringify({ lists, total: 5_000 }));
  });
  const { data } = await askGateway<{ leagues: PageAnswer<object> }>(
    gateway,
    `{ leagues(role: OWNER, first: 1000) { nodes { ticsId } ${pageFields} } }`,
  );
  expect([data.leagues.nodes.length, data.leagues.totalCount, data.leagues.pageInfo.hasNextPage]).toEqual([
    50,
    5_000,
    false,
  ]);
});
