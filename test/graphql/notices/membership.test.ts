import { describe, expect, test } from 'vitest';
import { useStage } from '../../support/gateway.ts';
import { iso } from '../../support/instants.ts';
import { pageFields, walk, type PageAnswer } from '../../support/walk.ts';

const stage = useStage();

describe('Query.membershipNotices', () => {
  test.each([1, 7])(
    'pages exactly through all notices, with their leagues and partners, %i at a time',
    async (first) => {
      const { world } = stage.sandbox;
      const { rows, totals } = await walk(async (after) => {
        const data = await stage.data<{ membershipNotices: PageAnswer<unknown> }>(
          `query ($first: Int, $after: String) {
          membershipNotices(first: $first, after: $after) {
            nodes {
              leagueId leagueName partner { ticsId accountName alias status statusText }
              createdAt creatorTicsId creatorName updatedAt updaterTicsId updaterName
              leagueSummary {
                leagueId name description memberCount creatorName createdAt expiresAt
                blockchain { ticsId name channelName organizationName browserAddress }
              }
              partners { ticsId accountName alias status }
            }
            ${pageFields}
          }
        }`,
          { first, after },
        );
        return data.membershipNotices;
      });
      expect(new Set(totals)).toEqual(new Set([world.membershipNotices.length]));
      expect(rows).toEqual(
        world.membershipNotices.map((notice) => {
          const league = world.league(notice.leagueId);
          const partner = world.partner(notice.partnerId);
          const members = world.membersOfLeague(notice.leagueId);
          return {
            leagueId: `League:${notice.leagueId}`,
            leagueName: league?.name,
            partner: {
              ticsId: notice.partnerId,
              accountName: partner?.domainName,
              alias: partner?.alias,
              status: partner?.status,
              statusText: partner?.status,
            },
            createdAt: iso(notice.createdAtMs),
            creatorTicsId: notice.creatorId,
            creatorName: notice.creatorName,
            updatedAt: iso(notice.updatedAtMs),
            updaterTicsId: notice.updaterId,
            updaterName: notice.updaterName,
            leagueSummary: {
              leagueId: `League:${notice.leagueId}`,
              name: league?.name,
              description: league?.description,
              memberCount: members.length,
              creatorName: league?.creatorName,
              createdAt: iso(league?.createdAtMs ?? 0),
              expiresAt: iso(league?.expiresAtMs ?? 0),
              blockchain: league?.blockchain
                ? {
                    ticsId: league.blockchain.instanceId,
                    name: league.blockchain.instanceName,
                    channelName: league.blockchain.channelName,
                    organizationName: league.blockchain.organizationName,
                    browserAddress: league.blockchain.browserIp,
                  }
                : null,
            },
            partners: members.map(({ id, domainName, alias, status }) => ({
              ticsId: id,
              accountName: domainName,
              alias,
              status,
            })),
          };
        }),
      );
    },
  );

  test('leads to the leagues themselves, all of them by the two lists', async () => {
    const { world } = stage.sandbox;
    const ask = () =>
      stage.data<{ membershipNotices: { nodes: unknown[] } }>(
        '{ membershipNotices(first: 100) { nodes { league { ticsId version } } } }',
      );
    let data: Awaited<ReturnType<typeof ask>> | undefined;
    const calls = await stage.callsOf(async () => (data = await ask()));
    expect(calls).toEqual({ listMembershipNotices: 1, listLeagues: 2 });
    expect(data?.membershipNotices.nodes).toEqual(
      world.membershipNotices.map(({ leagueId }) => ({
        league: { ticsId: leagueId, version: world.league(leagueId)?.version },
      })),
    );
  });

  test('has no league, and no error, where the account does not see it', async () => {
    await stage.sandbox.client.setRules([{ operationId: 'getLeague', fault: { kind: 'status', status: 404 } }]);
    expect(
      await stage.data('{ membershipNotices(first: 1) { nodes { league { ticsId } leagueSummary { leagueId } } } }'),
    ).toEqual({
      membershipNotices: {
        nodes: [
          { league: null, leagueSummary: { leagueId: `League:${stage.sandbox.world.membershipNotices[0]?.leagueId}` } },
        ],
      },
    });
  });

  test('costs one call alone, and itself when it fails', async () => {
    const query = '{ membershipNotices { totalCount } overview { leagueCount } }';
    expect(await stage.callsOf(() => stage.data(query))).toEqual({ listMembershipNotices: 1, getOverview: 1 });
    await stage.sandbox.client.setRules([{ operationId: 'listMembershipNotices', fault: { kind: 'malformed' } }]);
    const { data, errors } = await stage.ask(query);
    expect(data).toEqual({ membershipNotices: null, overview: { leagueCount: stage.sandbox.world.leagues.length } });
    expect(errors).toMatchObject([
      {
        path: ['membershipNotices'],
        extensions: { code: 'UPSTREAM_INVALID_ANSWER', plane: 'SPACE', call: 'listMembershipNotices' },
      },
    ]);
  });
});
