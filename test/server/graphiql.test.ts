import { existsSync } from 'node:fs';
import { chromium, type Browser, type Page, type Request } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { exampleOperations } from '../../src/server/graphiqlExamples.ts';
import { startSandbox } from '../../src/sandbox/start.ts';
import { startServer, type GatewayServer } from '../../src/server/server.ts';
import { configFor, gatewayFor, useStage } from '../support/gateway.ts';
import { overEvents, serve } from '../support/subscribe.ts';

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
    for (let run = 0; run < 2; run += 1) {
      const answers = client.ask<Record<string, { readonly userErrors?: readonly unknown[] }>>({ query, variables });
      const answer = await answers.next();
      expect(answer).not.toHaveProperty('errors');
      for (const { userErrors = [] } of Object.values(answer?.data ?? {})) expect(userErrors).toEqual([]);
      await answers.leave();
    }
    client.close();
  });

  test.each(exampleOperations.map(({ query }) => query))('have comments that the editor shows whole: %#', (query) => {
    for (const line of query.split('\n').filter((each) => each.startsWith('#'))) expect(line.length).toBeLessThan(50);
  });
});

test('WatchProgress follows a run that is under way, also hours after the start', async () => {
  const sandbox = await startSandbox();
  const quickServer = await serve(sandbox);
  const operation = exampleOperations.find(({ query }) => query.includes('subscription WatchProgress'));
  const client = overEvents(quickServer.url);
  interface Progress {
    readonly status: string;
    readonly progress: { readonly round: number | null };
  }
  for (const minutes of [15, 8 * 60]) {
    await sandbox.client.advance(minutes * 60_000);
    const answers = client.ask<{ instanceStatus: Progress }>(operation as { query: string });
    const { status, progress } = (await answers.next())?.data.instanceStatus ?? {};
    expect(status).toBe('RUNNING');
    await sandbox.client.advance(600_000);
    const later = (await answers.next())?.data.instanceStatus;
    expect(later?.status).toBe('RUNNING');
    expect(later?.progress.round).toBeGreaterThan(progress?.round ?? Infinity);
    await answers.leave();
  }
  client.close();
  await quickServer.close();
  await sandbox.close();
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
    page.context().setDefaultTimeout(60_000);
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

  /** A click as a hand makes it, with time between press and release, wherever the tab is just now. */
  const openTab = async (of: Page, name: string): Promise<void> => {
    const box = await of.locator(`button[title="${name}"]`).boundingBox();
    if (box === null) throw new Error(`there is no tab ${name}`);
    await of.mouse.move(box.x + box.width / 2, box.y + box.height / 2);
    await of.mouse.down();
    await of.evaluate(() => new Promise(requestAnimationFrame));
    await of.mouse.up();
    expect(await of.getByRole('tab', { name, selected: true }).count()).toBe(1);
  };

  const nameOf = ({ query }: { readonly query: string }): string =>
    /^(?:query|mutation|subscription) (\w+)/m.exec(query)?.[1] ?? '';

  /** Opens a tab and runs it at once. */
  const runTab = async (of: Page, name: string): Promise<void> => {
    // Subscriptions are asked for by GET.
    const operationIn = (request: Request): unknown =>
      request.postDataJSON() ?? Object.fromEntries(new URL(request.url()).searchParams);
    const asked = of.waitForRequest((request) => JSON.stringify(operationIn(request)).includes(name));
    await openTab(of, name);
    await of.getByRole('button', { name: /execute/i }).click();
    expect(operationIn(await asked)).toMatchObject({
      operationName: name,
      query: expect.stringContaining(` ${name}`) as string,
    });
  };

  // A page is made anew for one of each kind only: it takes the browser seconds.
  const clickedFirst = ['Paging', 'WatchProgress', 'RunSqlJob'];

  test.each(clickedFirst)('the first click opens a tab, and running it at once runs it: %s', async (name) => {
    const fresh = await (await browser.newContext()).newPage();
    await fresh.goto(`${server.url}/graphql`);
    await fresh.getByRole('tab').first().waitFor();
    await runTab(fresh, name);
    await fresh.context().close();
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

  test('each other tab runs its operation too', async () => {
    // Watch is clicked first below, and does not end by itself.
    const others = exampleOperations.map(nameOf).filter((name) => ![...clickedFirst, 'Watch'].includes(name));
    expect(others).toHaveLength(exampleOperations.length - clickedFirst.length - 1);
    for (const name of others) {
      await runTab(page, name);
      await page.getByRole('button', { name: /execute/i }).waitFor();
    }
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
        .locator('.result-window', { hasText: new RegExp(`"status":\\s"(${status})".*"query\\s\\d{4}`, 's') })
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
