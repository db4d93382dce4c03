import { beforeEach, describe, expect, test } from 'vitest';
import { onlineAgent } from '../../support/agents.ts';
import { useStage } from '../../support/gateway.ts';

const stage = useStage();

interface Answer {
  readonly agents: { readonly nodes: readonly { readonly id: string; readonly runtime: object | null }[] };
}

/** The id of an agent that works, which hangs from now on. */
let slow: string;
beforeEach(async () => {
  // Signs in to all agents: a deadline is not to be spent on that.
  await stage.ask('{ agents(first: 40) { nodes { runtime { online } } } }');
  slow = onlineAgent(stage).id;
  await stage.sandbox.client.addRules([{ operationId: 'getAgentRuntime', agentId: slow, fault: { kind: 'hang' } }]);
});

async function ask(query: string, variables = {}) {
  const startedAtMs = performance.now();
  const { data, errors = [] } = await stage.ask<Answer>(query, variables);
  const late = errors.filter(({ extensions }) => extensions?.['code'] === 'UPSTREAM_TIMEOUT');
  return { data, late, tookMs: performance.now() - startedAtMs };
}

/** Half of the time limit of a call, which would end it else. */
const soonMs = 5_000;

function named(nodes: Answer['agents']['nodes'], id: string) {
  return nodes.find((node) => node.id.includes(id));
}

describe('@deadline', () => {
  test('costs the part that is late, and nothing else', async () => {
    const { data, late, tookMs } = await ask(
      '{ agents(first: 40) { nodes { id runtime @deadline(ms: 1500) { online } } } }',
    );
    const { nodes } = data.agents;
    expect(named(nodes, slow)?.runtime).toBeNull();
    expect(nodes.filter(({ runtime }) => runtime !== null).length).toBeGreaterThan(1);
    expect(late).toMatchObject([
      { path: ['agents', 'nodes', nodes.findIndex(({ id }) => id.includes(slow)), 'runtime'] },
    ]);
    expect(tookMs).toBeLessThan(soonMs);
  });

  test.each([
    ['stands on a field above', '{ agents(first: 40) @deadline(ms: 1500) { nodes { id runtime { online } } } }'],
    [
      'stands in a fragment, under another name',
      'query { agents(first: 40) { nodes { id ...Live } } } fragment Live on Agent { runtime: runtime @deadline(ms: 1500) { online } }',
    ],
    [
      'stands above a fragment',
      'query { agents(first: 40) { nodes @deadline(ms: 1500) { id ... { ...Live } } } } fragment Live on Agent { runtime { online } }',
    ],
    [
      'is a variable, the shortest of several',
      'query ($ms: Int = 1500) { agents(first: 40) @deadline(ms: 20000) { nodes { id runtime @deadline(ms: $ms) { online } } } }',
    ],
  ])('holds where it %s', async (_, query) => {
    const { data, late, tookMs } = await ask(query);
    expect(named(data.agents.nodes, slow)?.runtime).toBeNull();
    expect(late).toHaveLength(1);
    expect(tookMs).toBeLessThan(soonMs);
  });

  test('changes nothing where all is there in time', async () => {
    await stage.sandbox.client.clearRules();
    const query = (directive: string): string =>
      `{ agents(first: 40) { nodes { id runtime ${directive} { online } } } }`;
    const [bounded, plain] = [await stage.ask(query('@deadline(ms: 60000)')), await stage.ask(query(''))];
    expect(bounded).toEqual(plain);
  });

  test('is no limit of its neighbours of the same name elsewhere', async () => {
    await stage.sandbox.client.clearRules();
    const { data, errors } = await stage.ask<{ a: Answer['agents']; b: Answer['agents'] }>(
      '{ a: agents(first: 1) @deadline(ms: 0) { nodes { id } } b: agents(first: 1) { nodes { id } } }',
    );
    expect(data.a).toBeNull();
    expect(data.b.nodes).toHaveLength(1);
    expect(errors).toMatchObject([{ path: ['a'], extensions: { code: 'UPSTREAM_TIMEOUT' } }]);
  });
});
