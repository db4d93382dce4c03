import { expect, test } from 'vitest';
import { createCrossing } from '../support/crossing.ts';
import { configFor, gatewayFor, useStage } from '../support/gateway.ts';
import { isRedisInstalled, openReplica, startRedis, withoutRedis } from '../support/redis.ts';

const stage = useStage({ speed: 0 });

/** Reads under way are shared, and answers are kept: between callers, who must not notice. */
const shares = { sharing: true, cache: { freshMs: 60_000, staleMs: 0, staleIfErrorMs: 0 } };

test('10,000 interleaved requests of 100 callers with different leagues: no answer crosses', async () => {
  const { identify, ask } = createCrossing(stage.sandbox);
  const gateway = gatewayFor(configFor(stage.sandbox), { resilience: shares, identify });
  const wrong = await ask([gateway], 50);
  await gateway.close();
  expect(wrong).toEqual([]);
}, 180_000);

test.skipIf(!isRedisInstalled)(
  `10,000 of them, spread at random over three replicas${withoutRedis}`,
  async () => {
    const redis = await startRedis();
    const { identify, ask } = createCrossing(stage.sandbox);
    const shared = await Promise.all(Array.from({ length: 3 }, () => openReplica(redis.url)));
    const gateways = shared.map((one) =>
      gatewayFor(configFor(stage.sandbox), { shared: one, resilience: shares, identify }),
    );
    const wrong = await ask(gateways, 50);
    for (const gateway of gateways) await gateway.close();
    for (const one of shared) await one.close();
    await redis.close();
    expect(wrong).toEqual([]);
  },
  180_000,
);
