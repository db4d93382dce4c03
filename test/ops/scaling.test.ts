import { describe, expect, test } from 'vitest';
import { assumed, demandsOf, largest, shareOf, tightest } from '../../ops/scaling/demand.ts';

describe('what a deployment asks of its parts', () => {
  const demands = demandsOf(largest);
  const asked = (text: string, of = demands) => of.find((demand) => demand.asked.startsWith(text));

  test('breaks first at Valkey, whose commands grow with the load: all else has room for more', () => {
    expect(tightest(demands)).toMatchObject({ part: 'Valkey' });
    expect(shareOf(tightest(demands))).toBeLessThan(1);
    const fourfold = demandsOf({ ...largest, operations: 40_000, changes: 8_000, writes: 200 });
    expect(tightest(fourfold)).toMatchObject({ part: 'Valkey' });
    expect(shareOf(tightest(fourfold))).toBeGreaterThan(0.9);
  });

  test('is borne by one Valkey', () => {
    for (const demand of demands.filter(({ part }) => part === 'Valkey')) expect(shareOf(demand)).toBeLessThan(1);
  });

  test('grows as it must: polls and probes not with replicas, heartbeats with them', () => {
    const ten = demandsOf({ ...largest, replicas: 10 });
    expect(asked('polls', ten)?.mean).toBeCloseTo(asked('polls')?.mean ?? 0);
    for (const text of ['polls, by', 'readiness probes']) expect(asked(text, ten)?.worst).toBe(asked(text)?.worst);
    expect(asked('upstream calls: its share of readiness', ten)?.mean).toBeGreaterThan(
      5 * (asked('upstream calls: its share of readiness')?.mean ?? 0),
    );
    const idle = { ...largest, operations: 0, changes: 0, writes: 0, watches: 1 };
    const [few, many] = [demandsOf({ ...idle, replicas: 10 })[0]?.mean ?? 0, demandsOf(idle)[0]?.mean ?? 0];
    expect(many / few).toBeGreaterThan(9);
    expect(many / few).toBeLessThan(11);
    // A hundred replicas that do nothing leave Valkey nearly all of what it bears.
    expect(many).toBeLessThan(assumed.valkeyCommands / 20);
  });
});
