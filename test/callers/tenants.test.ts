import { beforeAll, expect, test } from 'vitest';
import type { Caller } from '../../src/callers/caller.ts';
import type { Instance } from '../../src/sandbox/model/world.ts';
import { tableNames } from '../../src/bi/model/types.ts';
import { useBi } from '../bi/stage.ts';
import { secretsOf } from '../support/crossing.ts';
import { required } from '../support/required.ts';
import { overEvents, overWebSocket, quick, toEnd, type Client } from '../support/subscribe.ts';

/** Two callers with a league each, before one gateway that shares reads, polls and answers between them. */
interface Tenant {
  readonly name: string;
  readonly leagueId: string;
  /** A run of its league that it may stop. */
  readonly run: Instance;
  readonly agentId: string;
  readonly secrets: readonly string[];
  /** All that it received. */
  readonly received: string[];
}

const tenants: Tenant[] = [];

const stage = useBi(
  {
    watching: quick,
    identify: ({ headers }): Caller => {
      const { name, leagueId } = required(
        tenants.find((tenant) => tenant.name === headers.get('x-api-key')),
        'tenant',
      );
      return { upstreamScope: 'account', name, roles: ['ADMINISTRATOR'], leagues: [leagueId] };
    },
  },
  () => ({ historyDays: 3 }),
);

beforeAll(async () => {
  const { world, client } = stage.sandbox;
  for (const { id: agentId, leagueId, partnerId } of world.agents.filter(({ nodeStatus }) => nodeStatus === 'TRUST')) {
    const run = world
      .instancesOfLeague(leagueId)
      .find((instance) => instance.type === 'SQL' && instance.partnerId === partnerId);
    if (run === undefined || tenants.some((tenant) => tenant.leagueId === leagueId)) continue;
    await client.setInstanceStatus(run.id, 'RUNNING');
    const name = `tenant${tenants.length}`;
    tenants.push({ name, leagueId, run, agentId, secrets: secretsOf(world, leagueId), received: [] });
  }
  expect(tenants.length).toBeGreaterThan(1);
});

function headersOf({ name }: Tenant) {
  return { 'x-api-key': name, 'x-cost': 'fields', 'content-type': 'application/json' };
}

/** Keeps body and headers. */
async function get(tenant: Tenant, path: string, init: RequestInit = {}): Promise<string> {
  const response = await fetch(`${stage.url}${path}`, { ...init, headers: headersOf(tenant) });
  const body = Buffer.from(await response.arrayBuffer()).toString('latin1');
  tenant.received.push(`${JSON.stringify([...response.headers])}\n${body}`);
  return body;
}

async function ask(tenant: Tenant, query: string): Promise<Readonly<Record<string, unknown>>> {
  const body = await get(tenant, '/graphql', { method: 'POST', body: JSON.stringify({ query }) });
  expect(body).not.toContain('GRAPHQL_VALIDATION_FAILED');
  return JSON.parse(body) as Readonly<Record<string, unknown>>;
}

function leaksTo({ secrets, received }: Tenant): readonly string[] {
  const text = received.join('\n');
  return secrets.filter((secret) => text.includes(secret));
}

const fields = 'kind instanceId cursor status instance { id jobName partnerAliases }';

/** Watches its league until its own run is told to end. */
async function watchToEnd(tenant: Tenant, client: Client): Promise<void> {
  const { next, leave } = client.ask<{ leagueInstances: { instanceId: string | null; status: string; kind: string } }>({
    query: `subscription { leagueInstances(leagueId: "${tenant.leagueId}") { ${fields} } }`,
  });
  for (;;) {
    const event = await next();
    tenant.received.push(JSON.stringify(event));
    expect(event?.errors).toBeUndefined();
    const { instanceId, status } = event?.data.leagueInstances ?? {};
    if (instanceId?.endsWith(tenant.run.id) && status === 'TERMINATING') break;
  }
  await leave();
}

const reads = [
  '{ leagues { totalCount pageInfo { endCursor } edges { cursor node { name instances(first: 3) { totalCount edges { cursor } } } } } }',
  '{ agents(first: 50) { totalCount edges { cursor node { name } } } membershipNotices { totalCount } }',
  '{ jobInstanceRows(first: 3) { totalCount asOf pageInfo { endCursor } nodes { key jobName } } leagueRows { totalCount } }',
  '{ nodes(ids: ["League:nosuchleague"]) { id } overview { leagueCount } }',
];

test('two tenants read, write, watch and query tables at once: neither hears of the other', async () => {
  const clients = tenants.flatMap((tenant) => [
    { tenant, client: overWebSocket(stage.url, headersOf(tenant)) },
    { tenant, client: overEvents(stage.url, headersOf(tenant)) },
  ]);
  const watched = clients.map(({ tenant, client }) => watchToEnd(tenant, client));
  await Promise.all(tenants.flatMap((tenant) => reads.map((query) => ask(tenant, query))));
  const stopped = await Promise.all(
    tenants.map((tenant) =>
      ask(
        tenant,
        `mutation { stopInstance(input: { id: "Instance:${tenant.leagueId}/${tenant.run.id}", agentId: "${tenant.agentId}" })
          { instance { id status job { name } } userErrors { code message } } }`,
      ),
    ),
  );
  expect(stopped).toMatchObject(tenants.map(() => ({ data: { stopInstance: { userErrors: [] } } })));
  await Promise.all(watched);
  await Promise.all(
    tenants.flatMap((tenant) =>
      [
        '/bi',
        '/odata/v4/$metadata',
        ...tableNames.flatMap((table) => [
          `/bi/v1/${table}.csv`,
          `/odata/v4/${table}?$count=true&$top=5`,
          `/odata/v4/${table}?$filter=nosuchcolumn eq 1`,
        ]),
      ].map((path) => get(tenant, path)),
    ),
  );
  clients.forEach(({ client }) => client.close());
  for (const tenant of tenants) {
    expect(tenant.secrets.length).toBeGreaterThan(100);
    expect(tenant.received.join('\n')).toContain(tenant.run.id);
    expect(leaksTo(tenant)).toEqual([]);
  }
}, 60_000);

/** What the other's ids are exchanged for: ids of the same form, of nothing. */
function strange({ leagueId, agentId, run }: Tenant): readonly (readonly [string, string])[] {
  return [leagueId, agentId, run.id].map((id) => [id, 'f'.repeat(id.length)]);
}

function told(text: string, pairs: readonly (readonly [string, string])[]): string {
  const alike = pairs.reduce((all, [one, other]) => all.replaceAll(one, '…').replaceAll(other, '…'), text);
  // Budgets refill while they are looked at.
  return alike.replace(/"(requestId|currentlyAvailable)":("[^"]*"|\d+)/g, '"$1":"…"');
}

function intrusions({
  leagueId,
  agentId,
  run,
}: Pick<Tenant, 'leagueId' | 'agentId'> & { run: { id: string } }): readonly string[] {
  return [
    `{ league(id: "${leagueId}") { name instances { totalCount } } }`,
    `{ agent(id: "${agentId}") { name connectors { totalCount } } }`,
    `{ instance(id: "Instance:${leagueId}/${run.id}") { status report { jobName } } }`,
    `{ leagueRows(filter: { key: { eq: "${leagueId}" } }) { totalCount nodes { name } } }`,
    `mutation { stopInstance(input: { id: "Instance:${leagueId}/${run.id}", agentId: "${agentId}" }) { userErrors { code message } } }`,
    `mutation { updateLeague(input: { id: "${leagueId}", description: "x" }) { userErrors { code message } } }`,
  ];
}

test('data, errors, counts and costs of another’s things are those of things that are not there', async () => {
  const [tenant, other] = [required(tenants[0], 'tenant'), required(tenants[1], 'other tenant')];
  const pairs = strange(other);
  const made = { leagueId: pairs[0]?.[1] ?? '', agentId: pairs[1]?.[1] ?? '', run: { id: pairs[2]?.[1] ?? '' } };
  for (const [index, query] of intrusions(other).entries()) {
    const answers = [await ask(tenant, query), await ask(tenant, intrusions(made)[index] ?? '')];
    const [ofOther, ofMade] = answers.map((answer) => told(JSON.stringify(answer), pairs));
    expect(ofOther).toBe(ofMade);
  }
  const client = overEvents(stage.url, headersOf(tenant));
  const refusals = await Promise.all(
    [other, made].map(({ leagueId, run }) =>
      Promise.all(
        [`leagueInstances(leagueId: "${leagueId}")`, `instanceStatus(id: "Instance:${leagueId}/${run.id}")`].map(
          async (field) =>
            told(JSON.stringify(await toEnd(client.ask({ query: `subscription { ${field} { status } }` }))), pairs),
        ),
      ),
    ),
  );
  client.close();
  expect(refusals[0]).toEqual(refusals[1]);
  expect(refusals[0]?.join()).toContain('NOT_FOUND');
}, 60_000);

test('labels of metrics name neither leagues, runs nor callers', async () => {
  const text = await (await fetch(`${stage.url}/metrics`)).text();
  expect(text).toContain('tics_gateway_');
  const named = tenants.flatMap(({ name, leagueId, run }) => [name, leagueId, run.id]);
  expect(named.filter((one) => text.includes(one))).toEqual([]);
});
