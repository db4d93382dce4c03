import { describe, expect, test } from 'vitest';
import type { League } from '../../../src/sandbox/model/world.ts';
import { askGateway, configFor, gatewayFor, useStage } from '../../support/gateway.ts';
import { iso } from '../../support/instants.ts';
import { pageFields, walk, type PageAnswer } from '../../support/walk.ts';

const stage = useStage();

function newestFirst(leagues: readonly League[]) {
  return [...leagues].sort((one, other) => other.createdAtMs - one.createdAtMs).map(({ id }) => id);
}

function anyLeague(): League {
  const [league] = stage.sandbox.world.leagues;
  if (league === undefined) throw new Error('the world has no league');
  return league;
}

describe('League', () => {
  test('has the fields of its call', async () => {
    const league = anyLeague();
    const { world } = stage.sandbox;
    const ask = () =>
      stage.data<{ league: unknown }>(
        `query ($id: ID!) {
          league(id: $id) {
            id ticsId name status statusText role roleText version createdAt creatorTicsId creatorName expiresAt memberCount
            blockchain { ticsId name channelName organizationName browserAddress }
            settings {
              description privacyProtection privacyProtectionText differentialPrivacy accessControlled
              approvalRequired resourceSpec
            }
          }
        }`,
        { id: `League:${league.id}` },
      );
    let data: Awaited<ReturnType<typeof ask>> | undefined;
    expect(await stage.callsOf(async () => (data = await ask()))).toEqual({ getLeague: 1 });
    expect(data?.league).toEqual({
      id: `League:${league.id}`,
      ticsId: league.id,
      name: league.name,
      status: league.status,
      statusText: league.status,
      role: league.role,
      roleText: league.role,
      version: league.version,
      createdAt: iso(league.createdAtMs),
      creatorTicsId: league.creatorId,
      creatorName: league.creatorName,
      expiresAt: iso(league.expiresAtMs),
      memberCount: world.membersOfLeague(league.id).length,
      blockchain: league.blockchain
        ? {
            ticsId: league.blockchain.instanceId,
            name: league.blockchain.instanceName,
            channelName: league.blockchain.channelName,
            organizationName: league.blockchain.organizationName,
            browserAddress: league.blockchain.browserIp,
          }
        : null,
      settings: {
        description: league.description,
        privacyProtection: league.privacyProtection,
        privacyProtectionText: league.privacyProtection,
        differentialPrivacy: league.differentialPrivacy,
        accessControlled: league.accessControlled,
        approvalRequired: league.approvalRequired,
        resourceSpec: league.resourceSpec,
      },
    });
  });

  test('is found by its raw TICS id, and by node and nodes, several of them by the lists', async () => {
    const { world } = stage.sandbox;
    const league = anyLeague();
    expect(await stage.data('query ($id: ID!) { league(id: $id) { ticsId } }', { id: league.id })).toEqual({
      league: { ticsId: league.id },
    });
    const ids = world.leagues.map(({ id }) => `League:${id}`);
    const calls = await stage.callsOf(async () => {
      expect(
        await stage.data('query ($ids: [ID!]!) { nodes(ids: $ids) { id ... on League { name } } }', { ids }),
      ).toEqual({ nodes: world.leagues.map(({ id, name }) => ({ id: `League:${id}`, name })) });
    });
    expect(calls).toEqual({ listLeagues: 2 });
  });

  test('that is not there is NOT_FOUND, a wrong id INVALID_ID', async () => {
    const query = 'query ($id: ID!) { league(id: $id) { name } }';
    const missing = await stage.ask(query, { id: 'League:0000' });
    expect(missing.data).toEqual({ league: null });
    expect(missing.errors).toMatchObject([{ path: ['league'], extensions: { code: 'NOT_FOUND' } }]);
    const wrong = await stage.ask(query, { id: 'Agent:0000' });
    expect(wrong.errors).toMatchObject([{ path: ['league'], extensions: { code: 'INVALID_ID' } }]);
    expect(wrong.errors?.[0]?.message).toContain('League:<league>');
  });

  test('costs only its settings when its detail fails', async () => {
    await stage.sandbox.client.setRules([{ operationId: 'getLeague', fault: { kind: 'status', status: 500 } }]);
    const { data, errors } = await stage.ask<{ leagues: { nodes: { name: string; settings: unknown }[] } }>(
      '{ leagues(first: 1) { nodes { name settings { description } } } }',
    );
    expect(data.leagues.nodes).toMatchObject([{ settings: null }]);
    expect(data.leagues.nodes[0]?.name).toBeTruthy();
    expect(errors).toMatchObject([
      {
        path: ['leagues', 'nodes', 0, 'settings'],
        extensions: { code: 'UPSTREAM_FAILED', plane: 'SPACE', call: 'getLeague', status: 500 },
      },
    ]);
  });
});

describe('Query.leagues', () => {
  interface Leagues {
    readonly leagues: PageAnswer<{ ticsId: string; role: string }> & {
      readonly unavailable: readonly { source: string; code: string }[];
      readonly changed: boolean;
    };
  }

  const query = `query ($role: LeagueRoleInput, $first: Int, $after: String) {
    leagues(role: $role, first: $first, after: $after) {
      nodes { ticsId role } unavailable { source code } changed ${pageFields}
    }
  }`;

  const walkLeagues = (first: number, role?: string) =>
    walk(async (after) => (await stage.data<Leagues>(query, { first, role, after })).leagues);

  test.each([1, 3, 100])('merges both roles, newest first, %i at a time', async (first) => {
    const { leagues } = stage.sandbox.world;
    const { rows, totals } = await walkLeagues(first);
    expect(rows.map(({ ticsId }) => ticsId)).toEqual(newestFirst(leagues));
    expect(new Set(totals)).toEqual(new Set([leagues.length]));
  });

  test.each(['OWNER', 'PARTNER'] as const)('lists those of the role %s alone', async (role) => {
    const leagues = stage.sandbox.world.leaguesOfRole(role);
    const calls = await stage.callsOf(async () => {
      const { rows } = await walkLeagues(100, role);
      expect(rows.map(({ ticsId }) => ticsId)).toEqual(newestFirst(leagues));
      expect(rows.every((row) => row.role === role)).toBe(true);
    });
    expect(calls).toEqual({ listLeagues: 1 });
  });

  test.each([
    ['owned', 'OWNER', 'PARTNER'],
    ['participativenormal', 'PARTNER', 'OWNER'],
  ] as const)('is exact for the other role when the list of %s leagues fails', async (type, failing, role) => {
    await stage.sandbox.client.setRules([
      { operationId: 'listLeagues', query: { type }, fault: { kind: 'status', status: 503 } },
    ]);
    const errors: unknown[] = [];
    const { rows, totals } = await walk(async (after) => {
      const answer = await stage.ask<Leagues>(query, { first: 1, after });
      errors.push(...(answer.errors ?? []));
      expect(answer.data.leagues.unavailable).toEqual([{ source: failing, code: 'UPSTREAM_FAILED' }]);
      return answer.data.leagues;
    });
    expect(rows.map(({ ticsId }) => ticsId)).toEqual(newestFirst(stage.sandbox.world.leaguesOfRole(role)));
    expect(new Set(totals)).toEqual(new Set([null]));
    expect(errors).toHaveLength(totals.length);
    expect(errors[0]).toMatchObject({
      path: ['leagues'],
      extensions: { code: 'UPSTREAM_FAILED', plane: 'SPACE', call: 'listLeagues', status: 503 },
    });
  });

  test.each(['participativenormal', 'participative:normal'] as const)('asks for joined leagues by %s', async (word) => {
    const gateway = gatewayFor({ ...configFor(stage.sandbox), joinedLeaguesType: word });
    const { data } = await askGateway<{ readonly leagues: { readonly totalCount: number } }>(
      gateway,
      '{ leagues(role: PARTNER) { totalCount } }',
    );
    await gateway.close();
    expect(data.leagues.totalCount).toBe(stage.sandbox.world.leaguesOfRole('PARTNER').length);
    expect((await stage.sandbox.client.calls({ operationId: 'listLeagues' })).map(({ query }) => query)).toMatchObject([
      { type: word },
    ]);
  });

  test('goes on where it stood when a list that failed for a while answers again', async () => {
    const { client, world } = stage.sandbox;
    const first = (await stage.data<Leagues>(query, { first: 1 })).leagues;
    await client.setRules([
      { operationId: 'listLeagues', query: { type: 'owned' }, fault: { kind: 'reset', at: 'before' } },
    ]);
    const second = (await stage.ask<Leagues>(query, { first: 1, after: first.pageInfo.endCursor })).data.leagues;
    await client.clearRules();
    const rest = await walk(
      async (after) =>
        (await stage.data<Leagues>(query, { first: 1, after: after ?? second.pageInfo.endCursor })).leagues,
    );
    const met = [...first.nodes, ...second.nodes, ...rest.rows].map(({ ticsId }) => ticsId);
    expect([...met].sort()).toEqual(world.leagues.map(({ id }) => id).sort());
  });

  test('is null when both lists fail', async () => {
    await stage.sandbox.client.setRules([{ operationId: 'listLeagues', fault: { kind: 'status', status: 500 } }]);
    const { data, errors } = await stage.ask(query, { first: 1 });
    expect(data).toEqual({ leagues: null });
    expect(errors).toMatchObject([{ path: ['leagues'], extensions: { code: 'UPSTREAM_FAILED' } }]);
  });

  test.each([
    ['of another connection', 'cm93OjE'],
    ['behind all that a list can have', Buffer.from('[["OWNER",9007199254740991,"a"]]').toString('base64url')],
  ])('refuses a cursor %s', async (_what, after) => {
    const { errors } = await stage.ask(query, { after });
    expect(errors).toMatchObject([{ path: ['leagues'], extensions: { code: 'INVALID_CURSOR' } }]);
  });
});

describe('League.computeNodes and League.partners', () => {
  test.each([1, 7])('page exactly through all nodes, %i at a time', async (first) => {
    const league = anyLeague();
    const { rows, totals } = await walk(async (after) => {
      const { league: answer } = await stage.data<{ league: { computeNodes: PageAnswer<unknown> } }>(
        `query ($id: ID!, $first: Int, $after: String) {
          league(id: $id) {
            computeNodes(first: $first, after: $after) {
              nodes {
                ticsId name type typeText status statusText deployType deployTypeText highAvailabilityMode highAvailabilityModeText partnerAlias
                createdAt updatedAt
              }
              ${pageFields}
            }
          }
        }`,
        { id: league.id, first, after },
      );
      return answer.computeNodes;
    });
    const nodes = stage.sandbox.world.nodesOfLeague(league.id);
    expect(rows).toEqual(
      nodes.map((node) => ({
        ticsId: node.id,
        name: node.name,
        type: node.type,
        typeText: node.type,
        status: node.status,
        statusText: node.status,
        deployType: node.deployType,
        deployTypeText: node.deployType,
        highAvailabilityMode: node.haMode ?? null,
        highAvailabilityModeText: node.haMode ?? null,
        partnerAlias: node.partnerAlias ?? null,
        createdAt: iso(node.createdAtMs),
        updatedAt: iso(node.updatedAtMs),
      })),
    );
    expect(new Set(totals)).toEqual(new Set([nodes.length]));
  });

  test.each([1, 7])('page exactly through all partners, %i at a time', async (first) => {
    const league = anyLeague();
    const { rows, totals } = await walk(async (after) => {
      const { league: answer } = await stage.data<{ league: { partners: PageAnswer<unknown> } }>(
        `query ($id: ID!, $first: Int, $after: String) {
          league(id: $id) {
            partners(first: $first, after: $after) { nodes { ticsId accountName alias status statusText } ${pageFields} }
          }
        }`,
        { id: league.id, first, after },
      );
      return answer.partners;
    });
    const partners = stage.sandbox.world.membersOfLeague(league.id);
    expect(rows).toEqual(
      partners.map(({ id, domainName, alias, status }) => ({
        ticsId: id,
        accountName: domainName,
        alias,
        status,
        statusText: status,
      })),
    );
    expect(new Set(totals)).toEqual(new Set([partners.length]));
  });

  test('cost one call each, and one that fails costs itself only', async () => {
    const query = `query ($id: ID!) { league(id: $id) { name computeNodes { totalCount } partners { totalCount } } }`;
    const { id, name } = anyLeague();
    const calls = await stage.callsOf(() => stage.data(query, { id }));
    expect(calls).toEqual({ getLeague: 1, listLeagueNodes: 1, listPartners: 1 });
    await stage.sandbox.client.setRules([{ operationId: 'listLeagueNodes', fault: { kind: 'truncated' } }]);
    const { data, errors } = await stage.ask(query, { id });
    const totalCount = stage.sandbox.world.membersOfLeague(id).length;
    expect(data).toEqual({ league: { name, computeNodes: null, partners: { totalCount } } });
    expect(errors).toMatchObject([
      { path: ['league', 'computeNodes'], extensions: { code: 'UPSTREAM_INVALID_ANSWER', call: 'listLeagueNodes' } },
    ]);
  });

  test('unlisted values read UNKNOWN, beside the raw value', async () => {
    await stage.sandbox.client.setRules([{ operationId: '*', variants: ['unknownEnumValues'] }]);
    const { league } = await stage.data<{ league: unknown }>(
      `query ($id: ID!) {
        league(id: $id) {
          status statusText
          computeNodes(first: 1) { nodes { type typeText status statusText } }
          partners(first: 1) { nodes { status statusText } }
        }
      }`,
      { id: anyLeague().id },
    );
    const unknown = { status: 'UNKNOWN', statusText: 'BRAND_NEW' };
    expect(league).toEqual({
      ...unknown,
      computeNodes: { nodes: [{ ...unknown, type: 'UNKNOWN', typeText: 'BRAND_NEW' }] },
      partners: { nodes: [unknown] },
    });
  });
});
