import { expect, test } from 'vitest';
import type { Caller } from '../../src/callers/caller.ts';
import { askGateway, configFor, gatewayFor, useStage } from '../support/gateway.ts';

const stage = useStage({ speed: 0 });

const query = `{
  viewer { name }
  leagues(first: 5) { totalCount nodes { ticsId } }
  agents(first: 20) { nodes { ticsId } }
}`;

interface Answer {
  readonly viewer: { readonly name: string };
  readonly leagues: { readonly totalCount: number; readonly nodes: readonly { readonly ticsId: string }[] };
  readonly agents: { readonly nodes: readonly { readonly ticsId: string }[] };
}

/** Callers with one league, with two, or with all; those with the same ones are answered alike. */
function callersOf(leagueIds: readonly string[]): readonly Caller[] {
  return Array.from({ length: 100 }, (_, index) => {
    const [one = '', other = ''] = [leagueIds[index % leagueIds.length], leagueIds[(index * 7 + 1) % leagueIds.length]];
    return {
      upstreamScope: 'account',
      name: `caller ${index}`,
      roles: ['VIEWER'],
      leagues: index % 10 === 9 ? 'ALL' : index % 2 === 0 ? [one] : [one, other],
    };
  });
}

test('10,000 interleaved requests of 100 callers with different leagues: no answer crosses', async () => {
  const { world } = stage.sandbox;
  const all = world.leagues.map(({ id }) => id);
  const callers = callersOf(all);
  const gateway = gatewayFor(configFor(stage.sandbox), {
    // Reads under way are shared, and answers are kept: between callers, who must not notice.
    resilience: { sharing: true, cache: { freshMs: 60_000, staleMs: 0, staleIfErrorMs: 0 } },
    identify: ({ headers }) => callers[Number(headers.get('x-api-key'))] as Caller,
  });
  const wrong: unknown[] = [];
  const askAs = async (index: number): Promise<void> => {
    const caller = callers[index];
    const { data } = await askGateway<Answer>(gateway, query, {}, { 'x-api-key': `${index}` });
    const mayHave = (id: string | undefined): boolean =>
      caller?.leagues === 'ALL' || caller?.leagues.includes(id ?? '') === true;
    const visible = all.filter(mayHave);
    const isRight =
      data.viewer.name === caller?.name &&
      data.leagues.totalCount === visible.length &&
      data.leagues.nodes.length === Math.min(5, visible.length) &&
      data.leagues.nodes.every(({ ticsId }) => mayHave(ticsId)) &&
      data.agents.nodes.every(({ ticsId }) => mayHave(world.agent(ticsId)?.leagueId));
    if (!isRight) wrong.push({ caller, data });
  };
  for (let round = 0; round < 50; round += 1)
    await Promise.all(Array.from({ length: 200 }, (_, index) => askAs((index * 37 + round) % callers.length)));
  await gateway.close();
  expect(wrong).toEqual([]);
}, 180_000);
