import { describe, expect, test } from 'vitest';
import { connectionsOf } from '../../../src/bi/page/connections.ts';
import { tables } from '../../../src/bi/model/tables.ts';
import { useBi } from '../stage.ts';

const stage = useBi();

/** Power Query, in Power BI and in Excel, by its documentation and by traces in public reports. */
const powerQuery = {
  'user-agent': 'Microsoft.Data.Mashup (https://go.microsoft.com/fwlink/?LinkID=304225)',
  'odata-version': '4.0',
  'odata-maxversion': '4.0',
  maxdataserviceversion: '3.0',
  accept:
    'application/json;odata.metadata=minimal;q=1.0,application/json;odata=minimalmetadata;q=0.9,application/atomsvc+xml;q=0.8,application/atom+xml;q=0.8,application/xml;q=0.7,text/plain;q=0.7',
};

/** Tableau's connector takes metadata as XML and extracts whole sets. */
const tableau = {
  'user-agent': 'Tableau/2024.2',
  accept: 'application/json;odata.metadata=minimal',
  'odata-maxversion': '4.0',
};

/** Grafana's plugin Infinity, its backend parser. */
const infinity = {
  'user-agent': 'Grafana/11.2.0',
  accept: 'text/csv; charset=utf-8',
  'content-type': 'application/json',
};

interface Page {
  readonly '@odata.context': string;
  readonly '@odata.count'?: number;
  readonly '@odata.nextLink'?: string;
  readonly value: readonly Readonly<Record<string, unknown>>[];
}

async function ask(path: string, headers: Readonly<Record<string, string>>): Promise<Page> {
  const response = await stage.get(path.replaceAll(' ', '%20'), headers);
  expect([path, response.status, response.headers.get('odata-version')]).toEqual([path, 200, '4.0']);
  expect(response.headers.get('content-type')).toMatch(/^application\/json;odata\.metadata=minimal/);
  return (await response.json()) as Page;
}

function failed(): number {
  return stage.sandbox.world.instances.filter(({ status }) => status === 'FAILED').length;
}

function all(): number {
  return stage.sandbox.world.instances.length;
}

describe('requests of BI tools', () => {
  test('Power Query: navigator, preview, folded steps and counts', async () => {
    const service = await ask('/odata/v4/', powerQuery);
    expect(service.value).toContainEqual({ name: 'job_instance', kind: 'EntitySet', url: 'job_instance' });
    for (const accept of ['application/xml', powerQuery.accept]) {
      const metadata = await stage.get('/odata/v4/$metadata', { ...powerQuery, accept });
      expect(metadata.headers.get('content-type')).toBe('application/xml');
      // Facets, and terms that not every client knows, made clients refuse the document.
      expect(await metadata.text()).not.toMatch(
        /MaxLength|Precision|Scale=|SRID|NavigationProperty|Collection\(|Capabilities/,
      );
    }
    const preview = await ask('/odata/v4/job_instance?$top=1000', powerQuery);
    expect(preview.value.length).toBe(1000);
    expect(preview['@odata.nextLink']).toBeUndefined();
    // Every property stands in every row, null too.
    const names = Object.keys(tables.job_instance.columns);
    expect(preview.value.every((row) => Object.keys(row).join() === names.join())).toBe(true);
    const folded = await ask(
      "/odata/v4/job_instance?$filter=status eq 'FAILED' and created_at ge 2000-01-01T00:00:00%2B01:00&$select=id,status,duration_ms&$orderby=created_at desc,id&$top=4096",
      powerQuery,
    );
    expect(folded.value.length).toBe(failed());
    expect(folded['@odata.context']).toMatch(/\$metadata#job_instance\(id,status,duration_ms\)$/);
    const nothing = await ask('/odata/v4/job_instance?$filter=date lt 1900-01-01', powerQuery);
    expect(nothing.value).toEqual([]);
    const count = await stage.get("/odata/v4/job_instance/$count?$filter=status eq 'FAILED'", powerQuery);
    expect(await count.text()).toBe(String(failed()));
    const grouped = await ask(
      '/odata/v4/job_instance?$apply=groupby((status),aggregate($count as Count,duration_ms with sum as Total))&$top=1001',
      powerQuery,
    );
    expect(grouped.value.reduce((sum, row) => sum + Number(row['Count']), 0)).toBe(all());
  });

  test('Excel: a whole set by its links', async () => {
    let rows = 0;
    for (let next: string | undefined = '/odata/v4/job_instance'; next !== undefined;) {
      const page: Page = await ask(next, { ...powerQuery, prefer: 'odata.maxpagesize=400' });
      rows += page.value.length;
      // Links are followed as they stand, with the address that the user typed.
      expect(page['@odata.nextLink'] ?? stage.url).toContain(stage.url);
      next = page['@odata.nextLink']?.slice(stage.url.length);
    }
    expect(rows).toBe(all());
  });

  test('Tableau: metadata as XML, then an extract', async () => {
    const metadata = await stage.get('/odata/v4/$metadata', tableau);
    const text = await metadata.text();
    const keys = Object.values(tables).map(({ key }) => `<PropertyRef Name="${key}"/>`);
    for (const key of keys) expect(text).toContain(key);
    for (const { name, key } of Object.values(tables)) {
      const [type] = new RegExp(`<EntityType Name="${name}">.*?</EntityType>`, 's').exec(text) ?? [];
      expect(type).toMatch(new RegExp(`<Property Name="${key}" Type="[^"]+" Nullable="false"`));
    }
    expect((await ask('/odata/v4/job_instance?$count=true&$top=0', tableau))['@odata.count']).toBe(all());
    expect((await ask('/odata/v4/job?$top=1&$format=json', tableau)).value).toHaveLength(1);
  });

  test('Infinity: the panel that the page shows', async () => {
    const [panel = ''] = connectionsOf(stage.url, tables.job_instance).flatMap(({ tool, text }) =>
      tool === 'Grafana' ? [text] : [],
    );
    const {
      url,
      url_options: options,
      columns,
    } = JSON.parse(panel) as {
      readonly url: string;
      readonly url_options: { readonly params: readonly { readonly key: string; readonly value: string }[] };
      readonly columns: readonly { readonly selector: string }[];
    };
    const days = { from: '2000-01-01', to: '2100-01-01' } as const;
    const query = options.params.map(({ key, value }) => {
      const shown = value.replace('${__from:date:YYYY-MM-DD}', days.from).replace('${__to:date:YYYY-MM-DD}', days.to);
      return `${key}=${encodeURIComponent(shown)}`;
    });
    const response = await stage.get(`${url.slice(stage.url.length)}?${query.join('&')}`, infinity);
    expect([response.status, response.headers.get('content-type')]).toEqual([
      200,
      'text/csv; charset=utf-8; header=present',
    ]);
    const [head = '', ...rows] = (await response.text()).trimEnd().split('\r\n');
    expect(head.split(',')).toEqual(columns.map(({ selector }) => selector));
    expect(rows.length).toBe(all());
  });

  test('an address of 2,048 characters is taken', async () => {
    const ids = stage.sandbox.world.instances.slice(0, 24).map(({ leagueId, id }) => `'${leagueId}/${id}'`);
    const path = `/odata/v4/job_instance?$filter=id in (${ids.join(',')})&$select=id`;
    expect(path.length).toBeGreaterThan(1_600);
    expect((await ask(path, powerQuery)).value.length).toBe(24);
  });

  test.each([
    ['$expand=job', '$expand'],
    ['$search=x', '$search'],
    ['$deltatoken=x', '$deltatoken'],
    ['$index=1', '$index'],
    ['$schemaversion=1', '$schemaversion'],
    ['$format=atom', '$format'],
    ['$apply=toppercent(2,duration_ms)', 'toppercent'],
    ['$apply=concat(identity,identity)/filter(finished)', 'concat'],
    ['$apply=groupby((rollup(status)))', 'rollup'],
    ["$filter=cast(id,'Edm.String') eq 'x'", 'cast'],
    ['$filter=geo.distance(id,id) eq 1', 'geo.distance'],
    ["$filter=status has 'x'", 'has'],
  ])('%s is answered 501 with its name', async (query, name) => {
    const response = await stage.get(`/odata/v4/job_instance?${query.replaceAll(' ', '%20')}`, powerQuery);
    const { error } = (await response.json()) as {
      readonly error: { readonly code: string; readonly message: string };
    };
    expect([response.status, error.code, error.message]).toEqual([501, 'UNSUPPORTED', expect.stringContaining(name)]);
  });
});
