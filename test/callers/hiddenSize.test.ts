import { expect, test } from 'vitest';
import type { Caller } from '../../src/callers/caller.ts';
import { parseConfig } from '../../src/config/config.ts';
import { askGateway, configFor, gatewayFor, useStage } from '../support/gateway.ts';
import { useUpstreamServers } from '../support/upstreamServer.ts';

const stage = useStage();
const servers = useUpstreamServers(stage);

/** So few that none comes back within a second: what is left then depends on what was taken. */
const callerCallsPerMinute = 45;

const limited: Caller = { upstreamScope: 'account', name: 'limited', roles: ['VIEWER'], leagues: ['own'] };

/** What a caller of one league is told, of an account whose lists have so many rows that it may not see. */
async function toldBeside(hidden: number, query: string) {
  const others = Array.from({ length: hidden }, (_, index) => `other${index}`);
  const rows = ['own', ...others].map((id) => ({ id, league_id: id, create_time: 1_700_000_000_000 }));
  let calls = 0;
  const { origin } = await servers.serve((request, response) => {
    calls += 1;
    const { searchParams } = new URL(request.url ?? '', 'http://space.test');
    const offset = Number(searchParams.get('offset'));
    const page = rows.slice(offset, offset + Number(searchParams.get('limit')));
    response.setHeader('content-type', 'application/json').end(JSON.stringify({ lists: page, total: rows.length }));
  });
  const gateway = gatewayFor(
    { ...configFor(stage.sandbox), spaceUrl: origin },
    { identify: () => limited },
    { limits: { ...parseConfig('', {}, 'none').limits, callerCallsPerMinute } },
  );
  const askedMs = performance.now();
  const response = await gateway.fetch('http://gateway.test/graphql', {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'x-cost': 'fields' },
    body: JSON.stringify({ query }),
  });
  const { data, errors, extensions } = (await response.json()) as {
    readonly [Part in 'data' | 'errors']?: Readonly<Record<string, unknown>>;
  } & {
    readonly extensions: { readonly cost: { readonly throttleStatus: { readonly currentlyAvailable: number } } };
  };
  const refilled = Math.ceil(((performance.now() - askedMs) * callerCallsPerMinute) / 60_000);
  await gateway.close();
  const { throttleStatus, ...cost } = extensions.cost;
  const [, remaining] = /;r=(\d+)/.exec(response.headers.get('ratelimit') ?? '') ?? [];
  return {
    calls,
    told: { data, errors, cost },
    left: [throttleStatus.currentlyAvailable, Number(remaining)],
    refilled,
  };
}

test('however often it asks, the pages that tell of others are read once in a moment, and anew when the first one changes', async () => {
  const rows = Array.from({ length: 350 }, (_, index) => ({ id: `league${index}`, create_time: 1_700_000_000_000 }));
  const asked: string[] = [];
  const { origin } = await servers.serve((request, response) => {
    const { searchParams } = new URL(request.url ?? '', 'http://space.test');
    const offset = Number(searchParams.get('offset'));
    asked.push(`${searchParams.get('type')} ${offset}`);
    const lists = rows.slice(offset, offset + Number(searchParams.get('limit')));
    response.setHeader('content-type', 'application/json').end(JSON.stringify({ lists, total: rows.length }));
  });
  const gateway = gatewayFor(
    { ...configFor(stage.sandbox), spaceUrl: origin },
    { identify: () => ({ ...limited, leagues: ['league5', 'league340'] }) },
  );
  const read = () =>
    askGateway<{ leagues: unknown }>(gateway, '{ leagues(role: OWNER) { totalCount nodes { ticsId } } }');
  const both = { totalCount: 2, nodes: expect.arrayContaining([{ ticsId: 'league5' }]) as unknown };
  for (const { data } of await Promise.all(Array.from({ length: 10 }, read))) expect(data.leagues).toEqual(both);
  for (let time = 0; time < 10; time += 1) expect((await read()).data.leagues).toEqual(both);
  const owned = asked.filter((page) => page.startsWith('owned'));
  expect(owned.filter((page) => page !== 'owned 0').sort()).toEqual(['owned 100', 'owned 200', 'owned 300']);
  expect(owned).toHaveLength(23);
  rows.unshift({ id: 'new', create_time: 1_700_000_000_001 });
  expect((await read()).data.leagues).toEqual(both);
  expect(asked.filter((page) => page === 'owned 300')).toHaveLength(2);
  await gateway.close();
});

test.each([
  '{ leagues { totalCount nodes { ticsId } } }',
  '{ agents { totalCount nodes { ticsId } } }',
  '{ membershipNotices { totalCount } }',
  '{ leagues(first: 1000) { nodes { ticsId } } agents(first: 1000) { totalCount } }',
])('neither rows, nor totals, nor the cost tell how many leagues a caller may not see: %s', async (query) => {
  const few = await toldBeside(2, query);
  const many = await toldBeside(350, query);
  expect(many.calls).toBeGreaterThan(few.calls);
  expect(few.told.data).not.toBeNull();
  expect(many.told).toEqual(few.told);
  many.left.forEach((left, index) => {
    expect(Math.abs(left - (few.left[index] ?? NaN))).toBeLessThanOrEqual(Math.max(few.refilled, many.refilled));
  });
});

test('filters that nobody can be charged for are counted, however long their lists are', async () => {
  const fields = Array.from(
    { length: 30 },
    (_, index) => `a${index}: agents(filter: { name: "x${index}" }) { totalCount }`,
  );
  const few = await toldBeside(2, `{ ${fields.join(' ')} }`);
  const many = await toldBeside(350, `{ ${fields.join(' ')} }`);
  const errorsOf = ({ told }: typeof few) => JSON.stringify(told).split('"THROTTLED"').length - 1;
  expect([many.told.data, errorsOf(many)]).toEqual([few.told.data, 9]);
  expect([few.calls, many.calls]).toEqual([21, 21 * 4]);
});
