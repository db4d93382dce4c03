import { existsSync } from 'node:fs';
import { chromium, type Browser, type Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { exampleOperations } from '../../src/server/graphiqlExamples.ts';
import { startServer, type GatewayServer } from '../../src/server/server.ts';
import { configFor, gatewayFor, useStage } from '../support/gateway.ts';
import { overEvents } from '../support/subscribe.ts';

const stage = useStage();
let server: GatewayServer;

beforeAll(async () => {
  server = await startServer(gatewayFor(configFor(stage.sandbox)), { host: '127.0.0.1', port: 0 });
});

afterAll(async () => {
  await server.close();
});

/** Debian's Chromium, or another one that CHROMIUM_PATH names. */
const executablePath = process.env['CHROMIUM_PATH'] ?? '/usr/bin/chromium';

describe('the example operations', () => {
  test.each(
    exampleOperations.map(
      (operation) => [/^(?:query|mutation|subscription) (\w+)/m.exec(operation.query)?.[1] ?? '', operation] as const,
    ),
  )('%s is answered without errors', async (_, { query, variables }) => {
    const client = overEvents(server.url);
    // Names of jobs are taken once, and the browser is to run it as it stands.
    const text = JSON.stringify(variables ?? {}).replace('balances by product', 'balances');
    const answers = client.ask<Record<string, { readonly userErrors?: readonly unknown[] }>>({
      query,
      variables: JSON.parse(text) as Record<string, unknown>,
    });
    const answer = await answers.next();
    expect(answer).not.toHaveProperty('errors');
    for (const { userErrors = [] } of Object.values(answer?.data ?? {})) expect(userErrors).toEqual([]);
    await answers.leave();
    client.close();
  });
});

// A machine without the browser can run everything else; CI installs it.
describe.runIf(existsSync(executablePath))('GraphiQL in a browser without network', () => {
  let browser: Browser;
  let page: Page;
  const elsewhere: string[] = [];

  beforeAll(async () => {
    browser = await chromium.launch({
      executablePath,
      args: ['--no-sandbox', '--disable-gpu', '--no-first-run', '--disable-background-networking', '--disable-sync'],
    });
    page = await browser.newPage();
    page.context().setDefaultTimeout(8_000);
    await page.route(
      ({ origin, protocol }) => origin !== server.url && protocol.startsWith('http'),
      (route) => {
        elsewhere.push(route.request().url());
        return route.abort();
      },
    );
    await page.goto(`${server.url}/graphql`);
  });

  afterAll(async () => {
    await browser.close();
  });

  /** While the page is new its tabs are on the move, and a click may go past them. */
  const openTab = async (of: Page, name: string): Promise<void> => {
    await expect
      .poll(async () => {
        await of.locator(`button[title="${name}"]`).click();
        return of.getByRole('tab', { name, selected: true }).count();
      })
      .toBe(1);
    await of.locator('.graphiql-query-editor', { hasText: `${name}(` }).waitFor();
  };

  test('opens with the examples in tabs', async () => {
    await page.getByRole('tab').first().waitFor();
    expect(await page.getByRole('tab').count()).toBe(exampleOperations.length);
  });

  test('runs an example', async () => {
    await page.getByRole('button', { name: /execute/i }).click();
    const [league] = stage.sandbox.world.leagues;
    await page.locator('.result-window', { hasText: league?.name ?? 'no league' }).waitFor();
  });

  test('watches in one tab what runs in another, to its end', async () => {
    // The page shows the latest event only: nothing else is to happen there.
    for (const { id, endedAtMs } of stage.sandbox.world.instances)
      if (endedAtMs === undefined) await stage.sandbox.client.setInstanceStatus(id, 'TERMINATED');
    const watching = await browser.newPage();
    await watching.goto(`${server.url}/graphql`);
    await openTab(watching, 'Watch');
    await watching.getByRole('button', { name: /execute/i }).click();
    await expect
      .poll(async () => (await fetch(`${server.url}/metrics`)).text(), { timeout: 10_000 })
      .toContain('tics_gateway_subscribers 1');

    await openTab(page, 'RunSqlJob');
    await page.getByRole('button', { name: /execute/i }).click();
    await page.locator('.result-window', { hasText: '"userErrors": []' }).waitFor();
    const shown = (status: string) =>
      watching
        .locator('.result-window', { hasText: new RegExp(`"status":\\s"(${status})".*balances\\sby\\sproduct`, 's') })
        .waitFor();
    await shown('NEW|SUBMITTING|ACCEPTED|DEPLOYING|PENDING|RUNNING');
    await stage.sandbox.client.advance(3_600_000);
    await shown('SUCCEEDED');
    await watching.close();
  });

  test('shows the schema with its descriptions', async () => {
    await page.getByRole('button', { name: /documentation explorer/i }).click();
    await page.getByRole('link', { name: 'Query', exact: true }).first().click();
    await page.getByText('Everything that can be read.').waitFor();
  });

  test('asks no other host for anything', () => {
    expect(elsewhere).toEqual([]);
  });
});
