import { expect, test } from 'vitest';
import { Caller } from './caller.ts';
import { found, page, rowsOf, useSandbox } from './fixture.ts';

/** The seeded history agrees with itself and with the vendor's enumerations: docs/faults.md, 30 and 31. */
const fixture = useSandbox();

interface Row {
  readonly id: string;
  readonly result_ext: string | null;
  readonly status: string;
  readonly job_instance_type: string;
}

/** All rows of a list. */
async function all(list: (query: string) => ReturnType<typeof fixture.space>): Promise<readonly Row[]> {
  const rows: Row[] = [];
  for (let offset = 0; ; offset += 100) {
    const part = (await rowsOf(list(`offset=${offset}&limit=100`))) as unknown as readonly Row[];
    rows.push(...part);
    if (part.length < 100) return rows;
  }
}

test('every seeded analysis has as many rows as its sample shows', async () => {
  const { world } = fixture;
  let checked = 0;
  for (const client of [fixture.first, fixture.second, fixture.free, fixture.untrusted]) {
    const rows = await all((query) => fixture.space(client, `/job-instances?${query}`));
    for (const { id, result_ext: count, status, job_instance_type: type } of rows) {
      if (type !== 'SQL' || status !== 'SUCCEEDED' || !world.instance(id)?.agentIds.includes(client.agent.id)) continue;
      const { json } = await client.get(`/${client.agent.id}/job-instances/${id}/sample`);
      const { records } = JSON.parse((json as { result: string }).result) as { records: unknown[] };
      expect(`${records.length - 1} of ${id}`).toBe(`${count ?? ''} of ${id}`);
      const { json: result } = await client.league.get(`/job-instances/${id}/result`);
      expect(result).toMatchObject({ counter_map: { JOB_OUT_RECORD_CNT: Number(count) } });
      checked += 1;
    }
  }
  expect(checked).toBeGreaterThan(20);
});

test('an edit or the end of its job leaves what a run has answered', async () => {
  const { first, world, sandbox } = fixture;
  const instance = found(
    'own analysis',
    world.instancesOfAgent(first.agent.id).find(({ type, status, jobId }) => {
      const job = world.job(jobId);
      return type === 'SQL' && status === 'SUCCEEDED' && job?.partnerId === world.agent(first.agent.id)?.partnerId;
    }),
  );
  const sample = async () => (await first.get(`/${first.agent.id}/job-instances/${instance.id}/sample`)).json;
  const before = await sample();
  const name = found('job', world.job(instance.jobId)).name;
  const put = await first.league.put(`/sql-jobs/${instance.jobId}`, { name, sql_text: 'SELECT nonsense' });
  expect(put.status).toBe(200);
  expect(await sample()).toEqual(before);
  await sandbox.client.advance(60_000);
  world.removeJob(instance.jobId);
  expect(await sample()).toEqual(before);
});

test('the metrics of every run are those of one classifier', async () => {
  const { world } = fixture;
  let checked = 0;
  for (const { id: leagueId } of world.leagues) {
    const client = [fixture.first, fixture.free, fixture.untrusted, fixture.second].find(
      (own) => own.leagueId === leagueId,
    );
    if (!client) continue;
    const rows = (await all((query) => client.league.get(`/job-instances?${query}`))) as unknown as readonly {
      readonly metrics: string | null;
    }[];
    for (const { metrics } of rows) {
      if (metrics === null) continue;
      const { f1, precision, recall, ks, auc, accuracy } = JSON.parse(metrics) as Record<string, number>;
      const [p = NaN, r = NaN, area = NaN, distance = NaN] = [precision, recall, auc, ks];
      expect(f1).toBeCloseTo((2 * p * r) / (p + r), 5);
      expect(area).toBeGreaterThanOrEqual((1 + distance) / 2 - 1e-6);
      for (const value of [f1, p, r, distance, area, accuracy]) {
        expect(value).toBeGreaterThan(0);
        expect(value).toBeLessThan(1);
      }
      checked += 1;
    }
  }
  expect(checked).toBeGreaterThan(100);
});

test('both planes answer with words of the reference’s tables only', async () => {
  const { first, free } = fixture;
  const types = ['HFL', 'SQL', 'VFL_EVALUATE', 'VFL_FEATURE_SELECTION', 'VFL_ID_TRUNCATION', 'VFL_PREDICT'];
  const known = new Set([...types, 'VFL_SAMPLE_ALIGNMENT', 'VFL_TRAIN']);
  for (const client of [first, free]) {
    for (const { job_instance_type: type } of await all((query) => fixture.space(client, `/job-instances?${query}`))) {
      expect(known).toContain(type);
    }
    for (const { ne_deploy_type: type } of await rowsOf(fixture.space(client, `/nodes?${page}`))) {
      expect(['CCE', 'IEF']).toContain(type);
    }
  }
  const { sandbox } = fixture;
  for (const { deployType } of sandbox.world.agents) expect(['CCE', 'IEF']).toContain(deployType);
});

test.each(['?nocatalog=true', '?nocatalog=1', '?nocatalog=false', '?nocatalog', '', '?unknown=x'])(
  'IAM signs in with %j, as the vendor’s SDK does',
  async (query) => {
    const { iamUrl, account, projectId } = fixture.sandbox;
    const iam = new Caller(iamUrl);
    const { user, password, domain } = account;
    const { status, headers, json } = await iam.call(`/v3/auth/tokens${query}`, {
      method: 'POST',
      body: {
        auth: {
          identity: { methods: ['password'], password: { user: { name: user, password, domain: { name: domain } } } },
          scope: { project: { id: projectId } },
        },
      },
    });
    await iam.close();
    expect(status).toBe(201);
    expect(headers['x-subject-token']).toMatch(/./);
    const { token } = json as { token: Record<string, unknown> };
    expect('catalog' in token).toBe(!/nocatalog=./.test(query));
  },
);
