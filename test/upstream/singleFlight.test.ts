import { afterEach, describe, expect, test } from 'vitest';
import type { Gateway, GatewayDependencies } from '../../src/gateway/gateway.ts';
import { cacheOf, createAnswerCache } from '../../src/upstream/cache.ts';
import { noDeadline, type Deadline } from '../../src/upstream/deadline.ts';
import { silentObserver } from '../../src/upstream/observer.ts';
import { createSingleFlight } from '../../src/upstream/singleFlight.ts';
import { countCalls } from '../support/calls.ts';
import { askGateway, configFor, gatewayFor, useStage } from '../support/gateway.ts';

const stage = useStage();
const opened: Gateway[] = [];

/** A gateway that shares, as configured by default. Callers are known by a header, each with a scope of its own. */
function sharing(dependencies: Partial<GatewayDependencies> = {}): Gateway {
  const gateway = gatewayFor(configFor(stage.sandbox), {
    identify: ({ headers }) => {
      const name = headers.get('x-caller') ?? 'ann';
      return { upstreamScope: name, name, roles: ['ADMINISTRATOR'], leagues: 'ALL' };
    },
    ...dependencies,
    resilience: { sharing: true, ...dependencies.resilience },
  });
  opened.push(gateway);
  return gateway;
}

afterEach(async () => {
  await Promise.all(opened.splice(0).map((gateway) => gateway.close()));
});

const query = '{ leagues(role: OWNER, first: 3) { nodes { id name settings { description } } } }';

/** Signs in and finds the project, so that only the calls of the query are counted. */
async function warm(gateway: Gateway): Promise<void> {
  await askGateway(gateway, query);
  await stage.sandbox.client.clearCalls();
}

function slowly(...operationIds: readonly string[]): Promise<void> {
  return stage.sandbox.client.setRules(operationIds.map((operationId) => ({ operationId, latencyMs: 150 })));
}

describe('identical reads under way', () => {
  test('are one call, and all get its answer', async () => {
    const gateway = sharing();
    await warm(gateway);
    await slowly('listLeagues', 'getLeague');
    const answers = await Promise.all(Array.from({ length: 32 }, () => askGateway(gateway, query)));
    expect(new Set(answers.map((answer) => JSON.stringify(answer))).size).toBe(1);
    expect(answers[0]?.errors).toBeUndefined();
    expect(await countCalls(stage, 'listLeagues')).toBe(1);
    expect(await countCalls(stage, 'getLeague')).toBe(3);
    expect(await gateway.metrics.text()).toContain('outcome="SHARED"');
  });

  test('of other scopes and other languages are other calls', async () => {
    const gateway = sharing();
    await warm(gateway);
    await slowly('listLeagues');
    const ask = (caller: string, language: string) =>
      askGateway(
        gateway,
        '{ leagues(role: OWNER) { totalCount } }',
        {},
        {
          'x-caller': caller,
          'accept-language': language,
        },
      );
    await Promise.all([ask('ann', 'en'), ask('ann', 'en'), ask('bob', 'en'), ask('ann', 'zh-CN')]);
    expect(await countCalls(stage, 'listLeagues')).toBe(3);
  });

  test('go on for the others when the first caller leaves', async () => {
    const gateway = sharing();
    await warm(gateway);
    await slowly('listLeagues');
    const leaving = new AbortController();
    const first = gateway
      .fetch('http://gateway.test/graphql', {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ query }),
        signal: leaving.signal,
      })
      .catch(() => undefined);
    await stage.sandbox.client.waitForCalls(1, { operationId: 'listLeagues' });
    const second = askGateway(gateway, query);
    await new Promise((resolve) => setImmediate(resolve));
    leaving.abort();
    expect((await second).errors).toBeUndefined();
    await first;
    expect(await countCalls(stage, 'listLeagues')).toBe(1);
  });

  test('are not joined after a write: its caller reads what it wrote', async () => {
    const gateway = sharing();
    const [league] = stage.sandbox.world.leaguesOfRole('OWNER');
    const id = `League:${league?.id}`;
    const read = `{ league(id: "${id}") { settings { description } } }`;
    await askGateway(gateway, read);
    for (const description of ['one', 'two', 'three']) {
      await slowly('getLeague');
      const before = askGateway(gateway, read);
      await askGateway(
        gateway,
        'mutation ($id: ID!, $to: String!) { updateLeague(input: { id: $id, description: $to }) { userErrors { code } } }',
        { id, to: description },
      );
      expect((await askGateway(gateway, read)).data).toEqual({ league: { settings: { description } } });
      await before;
    }
  });
});

/** A caller that can leave. */
function caller(remainingMs = 1_000): Deadline & { readonly leave: () => void } {
  const controller = new AbortController();
  return {
    signal: controller.signal,
    remainingMs: () => remainingMs,
    leave: () => controller.abort(new Error('left')),
  };
}

describe('a shared read', () => {
  const nobody = (): void => undefined;

  test('is aborted when the last caller has left, and begun anew for the next', async () => {
    const flight = createSingleFlight();
    const signals: AbortSignal[] = [];
    const start = ({ signal }: Deadline) =>
      new Promise<number>((_, reject) => {
        signals.push(signal);
        signal.addEventListener('abort', () => reject(signal.reason as Error));
      });
    const [one, two, three] = [caller(), caller(), caller()];
    const ends = [flight.run('key', one, start, nobody), flight.run('key', two, start, nobody)];
    one.leave();
    await expect(ends[0]).rejects.toThrow('left');
    expect(signals.map(({ aborted }) => aborted)).toEqual([false]);
    two.leave();
    await expect(ends[1]).rejects.toThrow('left');
    const next = flight.run('key', three, start, nobody);
    expect(signals.map(({ aborted }) => aborted)).toEqual([true, false]);
    three.leave();
    await expect(next).rejects.toThrow('left');
  });

  test('has the time of its most patient caller', async () => {
    const flight = createSingleFlight();
    let shared = noDeadline;
    let finish = (): void => undefined;
    const start = (deadline: Deadline) => {
      shared = deadline;
      return new Promise<void>((resolve) => (finish = resolve));
    };
    const patient = caller(5_000);
    const reads = [flight.run('key', caller(100), start, nobody), flight.run('key', patient, start, nobody)];
    expect(shared.remainingMs()).toBe(5_000);
    patient.leave();
    expect(shared.remainingMs()).toBe(100);
    finish();
    await Promise.allSettled(reads);
  });

  test('fails for all who wait, and is not kept', async () => {
    const flight = createSingleFlight();
    let begun = 0;
    const start = () => Promise.reject(new Error(`no ${(begun += 1)}`));
    const both = await Promise.allSettled([
      flight.run('key', caller(), start, nobody),
      flight.run('key', caller(), start, nobody),
    ]);
    expect(both.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
    await expect(flight.run('key', caller(), start, nobody)).rejects.toThrow('no 2');
  });

  test('never crosses scopes: 10,000 interleaved reads of 100 scopes, with the cache on', async () => {
    const cache = createAnswerCache({ freshMs: 1, staleMs: 0, staleIfErrorMs: 0 });
    const flight = createSingleFlight();
    let loads = 0;
    const read = async (index: number): Promise<boolean> => {
      const scope = `scope ${index % 100}`;
      const view = cacheOf(cache, flight, {
        ...{ upstreamScope: scope, language: 'en_us', observer: silentObserver, deadline: noDeadline },
        onStale: () => undefined,
      });
      if (index % 997 === 0) view.clear();
      const answer = await view.read({ plane: 'SPACE', origin: 'o', call: 'c', request: {} }, async () => {
        loads += 1;
        for (let turn = 0; turn < index % 7; turn += 1) await new Promise((resolve) => setImmediate(resolve));
        return { answer: scope, bytes: 1 };
      });
      return answer === scope;
    };
    const own = await Promise.all(Array.from({ length: 10_000 }, (_, index) => read(index)));
    expect(own.filter((isOwn) => !isOwn)).toEqual([]);
    expect(loads).toBeLessThan(5_000);
  });
});
