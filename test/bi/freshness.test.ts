import { describe, expect, test } from 'vitest';
import { useBi } from './stage.ts';

const stage = useBi();

/** What each surface says of runs: as of when, and how many. */
async function surfaces(maxStaleness?: number) {
  const option = maxStaleness === undefined ? '' : `max_staleness=${maxStaleness}`;
  const ofFeed = async (format: string) => {
    const response = await stage.get(`/bi/v1/job_instance.${format}?${option}`);
    const body = Buffer.from(await response.arrayBuffer());
    return { asOf: response.headers.get('data-as-of'), text: body.toString('utf8') };
  };
  const [csv, ndjson, parquet] = [await ofFeed('csv'), await ofFeed('ndjson'), await ofFeed('parquet')];
  const odata = await stage.get(`/odata/v4/job_instance?$count=true&$top=1&$select=data_as_of&${option}`);
  const set = (await odata.json()) as { '@odata.count': number; value: readonly { data_as_of: string }[] };
  const { data } = await stage.graphql<{
    jobInstanceRows: { asOf: string; totalCount: number; nodes: readonly { dataAsOf: string }[] };
  }>('query ($max: Int) { jobInstanceRows(first: 1, maxStaleness: $max) { asOf totalCount nodes { dataAsOf } } }', {
    max: maxStaleness ?? null,
  });
  const [, ...lines] = csv.text.trimEnd().split('\r\n');
  return {
    asOf: [
      csv.asOf,
      // The last column of all.
      lines[0]?.split(',').at(-1),
      ndjson.asOf,
      parquet.asOf,
      odata.headers.get('data-as-of'),
      set.value[0]?.data_as_of,
      data.jobInstanceRows.asOf,
      data.jobInstanceRows.nodes[0]?.dataAsOf,
    ],
    counts: [
      lines.length,
      ndjson.text.trimEnd().split('\n').length,
      set['@odata.count'],
      data.jobInstanceRows.totalCount,
    ],
  };
}

const failing = ['listLeagueInstances', 'listJobInstances', 'listAgentInstances', 'listAuditEvents'];

describe('freshness', { timeout: 60_000 }, () => {
  test('every surface says the same of it, in a column and beside the rows', async () => {
    const { asOf, counts } = await surfaces();
    expect(new Set(asOf).size).toBe(1);
    expect(Date.parse(asOf[0] ?? '')).toBeGreaterThan(Date.now() - 600_000);
    expect(new Set(counts)).toEqual(new Set([stage.sandbox.world.instances.length]));
  });

  test('a plane that is away costs freshness on every surface, no row, and sync_status says why', async () => {
    const before = await surfaces();
    await stage.sandbox.client.setRules(
      failing.map((operationId) => ({ operationId, fault: { kind: 'status', status: 503 } })),
    );
    await stage.bi.refresher.refresh();
    expect(await surfaces()).toEqual(before);
    const { value } = await stage.json<{
      value: readonly { as_of: string; lag_ms: number; error_code: string; error: string; watermark: string }[];
    }>("/odata/v4/sync_status?$filter=table_name eq 'job_instance'");
    expect(value.length).toBe(stage.sandbox.world.leagues.length);
    for (const { as_of: asOf, lag_ms: lagMs, error_code: code, error, watermark } of value) {
      // Of several failures the last ones find the plane paused.
      expect(['UPSTREAM_FAILED', 'UPSTREAM_PAUSED']).toContain(code);
      expect(error).toMatch(/\w/);
      expect(Math.abs(Date.now() - Date.parse(asOf) - lagMs)).toBeLessThan(60_000);
      expect(Date.parse(watermark)).toBeLessThanOrEqual(Date.now());
    }
  });

  test('max_staleness asks for better rows, and no number makes each answer a refresh', async () => {
    await stage.bi.refresher.refresh();
    await stage.sandbox.client.clearCalls();
    // Just refreshed: 0 is taken for the least that the server keeps.
    await surfaces(0);
    expect(await stage.sandbox.client.countCalls()).toEqual({});
  });

  test.each(['-1', 'x', '1.5', '99999999999'])('max_staleness=%s is refused', async (asked) => {
    for (const path of ['/bi/v1/league.csv', '/odata/v4/league', '/odata/v4/league/$count'])
      expect([path, (await stage.get(`${path}?max_staleness=${asked}`)).status]).toEqual([path, 400]);
  });
});
