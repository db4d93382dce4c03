import { serverAudits } from 'graphql-http';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { GatewayServer } from '../../src/server/server.ts';
import { useStage } from '../support/gateway.ts';
import { serve } from '../support/subscribe.ts';

const stage = useStage();
let server: GatewayServer;

beforeAll(async () => {
  server = await serve(stage.sandbox);
});

afterAll(() => server.close());

/** GraphQL over HTTP, as graphql-http's own audits ask for it. */
const audits = serverAudits({ url: () => `${server.url}/graphql` });

describe('GraphQL over HTTP', () => {
  test('has 61 audits', () => {
    expect(audits.length).toBe(61);
  });

  test.each(audits.map(({ id, name, fn }) => [id, name, fn] as const))('%s %s', async (_, __, fn) => {
    expect(await fn()).toMatchObject({ status: 'ok' });
  });
});
