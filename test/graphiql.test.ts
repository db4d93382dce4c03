import { existsSync } from 'node:fs';
import { chromium, type Browser, type Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { exampleOperations } from '../src/examples.ts';
import { startServer, type GatewayServer } from '../src/server.ts';
import { configFor, gatewayFor, useStage } from './support/gateway.ts';

const stage = useStage();

/** Debian's Chromium, or another one that CHROMIUM_PATH names. */
const executablePath = process.env['CHROMIUM_PATH'] ?? '/usr/bin/chromium';

describe('the example operations', () => {
  test.each(
    exampleOperations.map(
      (operation) => [/(?:query|subscription) (\w+)/.exec(operation.query)?.[1], operation] as const,
    ),
  )('%s is answered without errors', async (_, { query, variables }) => {
    expect(await stage.ask(query, variables)).not.toHaveProperty('errors');
  });
});

// A machine without the browser can run everything else; CI installs it.
describe.runIf(existsSync(executablePath))('GraphiQL in a browser without network', () => {
  let server: GatewayServer;
  let browser: Browser;
  let page: Page;
  const elsewhere: string[] = [];

  beforeAll(async () => {
    server = await startServer(gatewayFor(configFor(stage.sandbox)), { host: '127.0.0.1', port: 0 });
    browser = await chromium.launch({
      executablePath,
      args: ['--no-sandbox', '--disable-gpu', '--no-first-run', '--disable-background-networking', '--disable-sync'],
    });
    page = await browser.newPage();
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
    await server.close();
  });

  test('opens with the examples in tabs', async () => {
    await page.getByRole('tab').first().waitFor();
    expect(await page.getByRole('tab').count()).toBe(exampleOperations.length);
  });

  test('runs an example', async () => {
    await page.getByRole('button', { name: /execute/i }).click();
    const [league] = stage.sandbox.world.leagues;
    await page.locator('.result-window', { hasText: league?.name ?? 'no league' }).waitFor();
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
