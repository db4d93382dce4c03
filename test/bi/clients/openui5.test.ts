import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { chromium, type Browser, type Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { useBi } from '../stage.ts';

const stage = useBi();
const sources = resolve(import.meta.dirname, '../../../node_modules/@openui5/sap.ui.core/src');

/** Debian's Chromium, or another one that CHROMIUM_PATH names. */
const executablePath = process.env['CHROMIUM_PATH'] ?? '/usr/bin/chromium';

const contentTypes: Readonly<Record<string, string>> = {
  js: 'text/javascript',
  json: 'application/json',
  properties: 'text/plain',
};

const start = `<!doctype html><title>OpenUI5</title>
<script src="/resources/sap-ui-core.js" data-sap-ui-async="true" data-sap-ui-theme="base" data-sap-ui-compat-version="edge"></script>`;

/** What the page does with the model of OData V4; it runs in the browser. */
const program = `async () => {
  const load = (...names) => new Promise((found, failed) => sap.ui.require(names, (...all) => found(all), failed));
  const [ODataModel, Filter, FilterOperator, Sorter] = await load(
    'sap/ui/model/odata/v4/ODataModel', 'sap/ui/model/Filter', 'sap/ui/model/FilterOperator', 'sap/ui/model/Sorter');
  const model = new ODataModel({ serviceUrl: '/odata/v4/', groupId: '$direct', operationMode: 'Server' });
  const list = async (path, sorter, filters, parameters, from, length) => {
    const binding = model.bindList(path, undefined, sorter, filters, parameters);
    const contexts = await binding.requestContexts(from, length);
    return { rows: contexts.map((context) => context.getObject()), count: binding.getLength() };
  };
  const failed = [new Filter('status', FilterOperator.EQ, 'FAILED')];
  const newest = [new Sorter('started_at', true), new Sorter('id')];
  const select = { $count: true, $select: 'id,started_at' };
  const first = await list('/job_instance', newest, failed, select, 0, 20);
  const second = await list('/job_instance', newest, failed, select, 20, 20);
  const aggregate = {
    total: { name: 'duration_ms', with: 'sum' },
    longest: { name: 'duration_ms', with: 'max' },
  };
  const byStatus = { $$aggregation: { group: { status: {} }, aggregate } };
  const sql = [new Filter('type', FilterOperator.EQ, 'SQL')];
  const groups = await list('/job_instance', [new Sorter('status')], sql, byStatus, 0, 50);
  const metadata = await model.getMetaModel().requestObject('/job_instance/duration_ms');
  return { first, second, groups: groups.rows, type: metadata.$Type };
}`;

interface Answer {
  readonly first: { readonly rows: readonly { readonly id: string }[]; readonly count: number };
  readonly second: Answer['first'];
  readonly groups: readonly Readonly<Record<string, string>>[];
  readonly type: string;
}

describe.skipIf(!existsSync(executablePath))('the model of OpenUI5 in a browser', () => {
  let browser: Browser;
  let page: Page;
  const refused: string[] = [];

  beforeAll(async () => {
    browser = await chromium.launch({
      executablePath,
      args: ['--no-sandbox', '--disable-gpu', '--no-first-run', '--disable-background-networking'],
    });
    page = await browser.newPage();
    page.context().setDefaultTimeout(60_000);
    // The page has the origin of the gateway; its scripts come from the package.
    await page.route(/\/(ui5|resources\/.*)$/, async (route) => {
      const { pathname } = new URL(route.request().url());
      if (pathname === '/ui5') return route.fulfill({ contentType: 'text/html', body: start });
      const file = join(sources, pathname.slice('/resources'.length));
      if (!existsSync(file)) return route.fulfill({ status: 404, body: '' });
      const contentType = contentTypes[/\w+$/.exec(file)?.[0] ?? ''] ?? 'text/plain';
      return route.fulfill({ contentType, body: await readFile(file) });
    });
    page.on('response', (response) => {
      if (response.url().includes('/odata/v4/') && response.status() >= 400) refused.push(response.url());
    });
  }, 60_000);
  afterAll(() => browser.close());

  test('filters, sorts, counts and adds up as SQL does', { timeout: 120_000 }, async () => {
    await page.goto(`${stage.url}/ui5`);
    await page.waitForFunction('globalThis.sap?.ui?.require');
    const { first, second, groups, type } = await page.evaluate<Answer>(`(${program})()`);
    expect(refused).toEqual([]);
    const rows = (text: string) => stage.bi.store.all({ text, values: [] });

    const failed = await rows(
      "SELECT id FROM bi_v1.job_instance WHERE status = 'FAILED' ORDER BY started_at DESC NULLS LAST, id",
    );
    expect([...first.rows, ...second.rows].map(({ id }) => id)).toEqual(failed.slice(0, 40).map(({ id }) => id));
    expect([first.count, second.count]).toEqual([failed.length, failed.length]);

    const sums = await rows(
      "SELECT status, sum(duration_ms)::VARCHAR AS total, max(duration_ms)::VARCHAR AS longest FROM bi_v1.job_instance WHERE type = 'SQL' GROUP BY status ORDER BY status",
    );
    expect(groups).toEqual(sums);
    // Read from the metadata: 64 bits arrive as text.
    expect(type).toBe('Edm.Int64');
  });
});
