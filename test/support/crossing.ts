import type { Caller } from '../../src/callers/caller.ts';
import type { Gateway } from '../../src/gateway/gateway.ts';
import type { Sandbox } from '../../src/sandbox/start.ts';
import { askGateway } from './gateway.ts';

/** Everything by which other leagues could be known: ids and names that nothing of the caller's league has. */
export function secretsOf(world: Sandbox['world'], ownLeagueId: string): readonly string[] {
  const namesIn = (leagueId: string): readonly string[] => [
    ...[world.allAgentsOfLeague(leagueId), world.nodesOfLeague(leagueId), world.datasetsOfLeague(leagueId)]
      .flat()
      .flatMap(({ id, name }) => [id, name]),
    ...world.jobs.filter((job) => job.leagueId === leagueId).flatMap(({ id, name }) => [id, name]),
    ...world.instancesOfLeague(leagueId).map(({ id }) => id),
  ];
  const namesOf = (isOwn: boolean): readonly string[] =>
    world.leagues
      .filter(({ id }) => (id === ownLeagueId) === isOwn)
      .flatMap(({ id, name }) => [id, name, ...namesIn(id)]);
  const ofOwn = namesOf(true).join('\n');
  return [...new Set(namesOf(false))].filter((name) => name.length > 3 && !ofOwn.includes(name));
}

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

const callersCount = 100;
const atOnce = 200;

/** Callers with one league, with two, or with all; those with the same ones are answered alike. */
function callersOf(leagueIds: readonly string[]): readonly Caller[] {
  return Array.from({ length: callersCount }, (_, index) => {
    const [one = '', other = ''] = [leagueIds[index % leagueIds.length], leagueIds[(index * 7 + 1) % leagueIds.length]];
    return {
      upstreamScope: 'account',
      name: `caller ${index}`,
      roles: ['VIEWER'],
      leagues: index % 10 === 9 ? 'ALL' : index % 2 === 0 ? [one] : [one, other],
    };
  });
}

/** A hundred callers with different leagues, who ask interleaved. */
export function createCrossing({ world }: Sandbox) {
  const all = world.leagues.map(({ id }) => id);
  const callers = callersOf(all);

  const askAs = async (gateway: Gateway, index: number): Promise<unknown> => {
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
    return isRight ? undefined : { caller, data };
  };

  return {
    identify: ({ headers }: { readonly headers: { readonly get: (name: string) => string | null } }): Caller =>
      callers[Number(headers.get('x-api-key'))] as Caller,
    /** Asks, 200 times a round, and answers what crossed. */
    ask: async (gateways: readonly Gateway[], rounds: number): Promise<readonly unknown[]> => {
      const wrong: unknown[] = [];
      for (let round = 0; round < rounds; round += 1) {
        const answers = Array.from({ length: atOnce }, (_, index) => {
          const gateway = gateways[Math.floor(Math.random() * gateways.length)] as Gateway;
          return askAs(gateway, (index * 37 + round) % callers.length);
        });
        wrong.push(...(await Promise.all(answers)).filter((answer) => answer !== undefined));
      }
      return wrong;
    },
  };
}
