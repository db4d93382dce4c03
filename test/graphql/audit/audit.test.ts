import { describe, expect, test } from 'vitest';
import { useStage } from '../../support/gateway.ts';
import { pageFields, walk, type PageAnswer } from '../../support/walk.ts';

interface Event {
  readonly ticsId: string;
  readonly leagueId: string;
  readonly text: string;
  readonly status: string;
  readonly statusText: string;
  readonly startedAt: string;
  readonly endedAt: string | null;
  readonly updatedAt: string | null;
  readonly creatorProjectTicsId: string;
  readonly creatorAccountTicsId: string;
  readonly partnerAlias: string;
  readonly agentName: string | null;
}

interface Answer {
  readonly league: { readonly name: string; readonly auditLog: PageAnswer<Event> };
}

const query = `query ($id: ID!, $first: Int, $after: String) {
  league(id: $id) {
    name
    auditLog(first: $first, after: $after) {
      nodes {
        ticsId leagueId text status statusText startedAt endedAt updatedAt creatorProjectTicsId creatorAccountTicsId
        partnerAlias agentName
      }
      ${pageFields}
    }
  }
}`;

const stage = useStage();

function leagueId(): string {
  return stage.sandbox.world.leagues[0]?.id ?? '';
}

function walkLog(first: number) {
  return walk(async (after) => (await stage.data<Answer>(query, { id: leagueId(), first, after })).league.auditLog);
}

describe('League.auditLog', () => {
  test.each([7, 100, 150])('pages exactly through the whole log, %i at a time', async (first) => {
    const events = stage.sandbox.world.auditEventsOfLeague(leagueId());
    expect(events.length).toBeGreaterThan(200);
    const { rows, totals } = await walkLog(first);
    expect(rows.map(({ ticsId }) => ticsId)).toEqual(events.map(({ id }) => String(id)));
    expect(new Set(totals)).toEqual(new Set([events.length]));
  });

  test('has user, action and result of each event', async () => {
    // Runs under way are compared as they were when they were read.
    await stage.sandbox.client.setSpeed(0);
    const { world } = stage.sandbox;
    const { rows } = await walkLog(1000);
    const byId = new Map(rows.map((row) => [row.ticsId, row]));
    expect(byId.size).toBeGreaterThan(0);
    for (const event of world.auditEventsOfLeague(leagueId())) {
      const partner = world.partner(event.partnerId);
      const instance = event.subject.kind === 'run' ? world.instance(event.subject.instanceId) : undefined;
      const status = instance?.status ?? 'SUCCEEDED';
      const endedAtMs = instance ? instance.endedAtMs : event.startedAtMs;
      const row = byId.get(String(event.id));
      expect(row).toEqual({
        ticsId: String(event.id),
        leagueId: `League:${leagueId()}`,
        text: row?.text,
        status: status === 'SUBMITING' ? 'SUBMITTING' : status,
        statusText: status,
        startedAt: new Date(event.startedAtMs).toISOString(),
        endedAt: endedAtMs === undefined ? null : new Date(endedAtMs).toISOString(),
        updatedAt: null,
        creatorProjectTicsId: partner?.projectId,
        creatorAccountTicsId: partner?.domainId,
        partnerAlias: partner?.alias,
        agentName: world.agent(event.agentId ?? '')?.name ?? null,
      });
      expect(row?.text).toContain(`Partner [${partner?.alias}]`);
    }
  });

  test('costs one call for each 100 entries', async () => {
    const ask = (first: number) => stage.callsOf(() => stage.data(query, { id: leagueId(), first }));
    expect(await ask(20)).toEqual({ getLeague: 1, listAuditEvents: 1 });
    expect(await ask(150)).toEqual({ getLeague: 1, listAuditEvents: 2 });
  });

  test('that fails costs itself only', async () => {
    await stage.sandbox.client.setRules([
      { operationId: 'listAuditEvents', fault: { kind: 'status', status: 429, retryAfter: '7' } },
    ]);
    const { data, errors } = await stage.ask<Answer>(query, { id: leagueId() });
    expect(data).toEqual({ league: { name: stage.sandbox.world.league(leagueId())?.name, auditLog: null } });
    expect(errors).toMatchObject([
      {
        path: ['league', 'auditLog'],
        extensions: { code: 'RATE_LIMITED', plane: 'SPACE', call: 'listAuditEvents', status: 429, retryAfter: 7 },
      },
    ]);
  });
});
