import { describe, expect, test } from 'vitest';
import { defaultIntervals } from '../../src/status/polling/schedule.ts';
import { createEpochs, gapReasonOf } from '../../src/status/streams/cursor.ts';
import { league, read, readInstance, readLeague, readProgress, setStage, someone, type Stage } from './simulation.ts';

const { quickMs, slowestMs } = defaultIntervals;
function countOf(stage: Stage, kind: string): number {
  return stage.looks.filter((look) => look.kind === kind).length;
}
function cursorOf({ events }: { events: readonly { cursor: string }[] }): string | undefined {
  return events.at(-1)?.cursor;
}

describe('polls are shared', () => {
  test('1,000 subscribers to an instance cost one poll an interval, and all receive the event', async () => {
    const stage = setStage({ intervals: { slowestMs: quickMs } });
    stage.start('a');
    const readers = Array.from({ length: 1_000 }, () => readInstance(stage, 'a'));
    await stage.clock.advance(quickMs / 2);
    expect(stage.looks).toHaveLength(1);
    await stage.clock.advance(10 * quickMs);
    expect(stage.looks).toHaveLength(11);
    stage.change('a', 'SUCCEEDED');
    await stage.clock.advance(quickMs);
    expect(readers.every((reader) => reader.statuses().join() === 'RUNNING,SUCCEEDED')).toBe(true);
    expect(readers.every((reader) => reader.end() === 'DONE')).toBe(true);
    expect(stage.watches.figures()).toMatchObject({ watches: 0, subscribers: 0, polls: 12, events: 2 });
  });

  test('100 instances of a league are polled by its list, one alone by its own call', async () => {
    const stage = setStage({ intervals: { slowestMs: quickMs } });
    const ids = Array.from({ length: 100 }, (_, index) => `i${index}`);
    ids.forEach((id) => stage.start(id));
    const alone = readInstance(stage, 'i0');
    await stage.clock.advance(quickMs * 3.5);
    expect([countOf(stage, 'INSTANCE'), countOf(stage, 'LEAGUE')]).toEqual([4, 0]);
    stage.looks.length = 0;
    const readers = ids.slice(1).map((id) => readInstance(stage, id));
    await stage.clock.advance(quickMs * 5);
    expect(countOf(stage, 'INSTANCE')).toBe(0);
    expect(countOf(stage, 'LEAGUE')).toBeLessThanOrEqual(6);
    expect([alone, ...readers].every((reader) => reader.events.length === 1)).toBe(true);
  });

  test('instances that the list no longer contains are polled one by one', async () => {
    const stage = setStage({ intervals: { slowestMs: quickMs } });
    stage.pageSize = 3;
    ['old', 'a', 'b', 'c'].forEach((id) => stage.start(id));
    const readers = ['old', 'a', 'b'].map((id) => readInstance(stage, id));
    await stage.clock.advance(quickMs * 4.5);
    expect(new Set(stage.looks.filter(({ kind }) => kind === 'INSTANCE').map(({ id }) => id))).toEqual(
      new Set(['old']),
    );
    expect(stage.looks).toHaveLength(10);
    stage.change('old', 'FAILED');
    await stage.clock.advance(quickMs * 2);
    expect(readers[0]?.end()).toBe('DONE');
  });

  test('a league’s watch brings its instances along', async () => {
    const stage = setStage({ intervals: { slowestMs: quickMs } });
    ['a', 'b'].forEach((id) => stage.start(id));
    readLeague(stage);
    readInstance(stage, 'a');
    await stage.clock.advance(quickMs * 3.5);
    expect([countOf(stage, 'INSTANCE'), countOf(stage, 'LEAGUE')]).toEqual([0, 4]);
  });

  test('polls of progress include the state, and only subscribers of progress receive progress', async () => {
    const stage = setStage({ intervals: { slowestMs: quickMs } });
    ['a', 'b'].forEach((id) => stage.start(id));
    const [state, progress, other] = [readInstance(stage, 'a'), readProgress(stage, 'a'), readInstance(stage, 'b')];
    await stage.clock.advance(quickMs * 3.5);
    expect([countOf(stage, 'PROGRESS'), countOf(stage, 'LEAGUE')]).toEqual([4, 0]);
    expect(stage.looks.filter(({ kind }) => kind === 'INSTANCE').every(({ id }) => id === 'b')).toBe(true);
    stage.change('a');
    stage.change('b');
    await stage.clock.advance(quickMs);
    stage.change('a', 'SUCCEEDED');
    await stage.clock.advance(quickMs);
    expect([state, progress, other].map((reader) => reader.events.length)).toEqual([2, 3, 1]);
    expect(progress.events.map(({ state: { progress: seen } }) => seen?.round)).toEqual([1, 2, 3]);
    expect(state.events.every(({ state: seen }) => seen.progress === null)).toBe(true);
    expect([state.end(), progress.end()]).toEqual(['DONE', 'DONE']);
  });

  test('without subscribers of progress, only the state is polled', async () => {
    const stage = setStage({ intervals: { slowestMs: quickMs } });
    stage.start('a');
    readInstance(stage, 'a');
    const progress = readProgress(stage, 'a');
    await stage.clock.advance(quickMs * 1.5);
    progress.leave();
    stage.looks.length = 0;
    await stage.clock.advance(quickMs * 3);
    expect([countOf(stage, 'PROGRESS'), countOf(stage, 'INSTANCE')]).toEqual([0, 3]);
  });

  test('a poll of progress counts against the rate limit of each upstream it calls', async () => {
    const stage = setStage({ intervals: { pollsPerSecond: 2, slowestMs: quickMs } });
    for (let id = 0; id < 10; id += 1) {
      stage.start(`i${id}`);
      readProgress(stage, `i${id}`, null, { upstreamScope: `${id}`, language: 'en_us' });
    }
    readLeague(stage);
    await stage.clock.advance(20_000);
    const atSpacePlane = stage.looks.filter(({ kind }) => kind === 'PROGRESS' || kind === 'LEAGUE');
    for (const { atMs } of atSpacePlane)
      expect(atSpacePlane.filter((look) => look.atMs >= atMs && look.atMs < atMs + 1_000).length).toBeLessThanOrEqual(
        2,
      );
    expect(countOf(stage, 'LEAGUE')).toBeGreaterThan(2);
  });

  test('callers with different rights or languages never share', async () => {
    const stage = setStage({ intervals: { slowestMs: quickMs } });
    stage.start('a');
    const others = [
      someone,
      { upstreamScope: 'other', language: 'en_us' },
      { upstreamScope: 'someone', language: 'zh-cn' },
    ];
    others.forEach((right) => readInstance(stage, 'a', null, right));
    await stage.clock.advance(quickMs * 1.5);
    expect(stage.looks).toHaveLength(6);
  });

  test('polling stops with the last subscriber, and no timer remains', async () => {
    const stage = setStage();
    stage.start('a');
    const readers = [readInstance(stage, 'a'), readInstance(stage, 'a')];
    await stage.clock.advance(quickMs);
    readers.forEach((reader) => reader.leave());
    const before = stage.looks.length;
    await stage.clock.advance(10 * slowestMs);
    expect(stage.looks).toHaveLength(before);
    expect(stage.watches.figures()).toMatchObject({ watches: 0, subscribers: 0 });
    expect(stage.clock.pending()).toBe(0);
    expect(readers.map((reader) => reader.end())).toEqual(['DONE', 'DONE']);
  });

  test('10,000 subscribers that come and go leave no state', async () => {
    const stage = setStage();
    for (let id = 0; id < 50; id += 1) stage.start(`i${id}`);
    for (let cycle = 0; cycle < 10_000; cycle += 1) {
      const reader = readInstance(stage, `i${cycle % 50}`);
      if (cycle % 10 === 0) await stage.clock.advance(10);
      reader.leave();
    }
    expect(stage.watches.figures()).toMatchObject({ watches: 0, subscribers: 0 });
    await stage.clock.advance(2 * defaultIntervals.rememberMs);
    expect(stage.clock.pending()).toBe(0);
  });
});

describe('poll schedule', () => {
  test('quick at first, slower without changes, quick again after a change and at once after a write of ours', async () => {
    const stage = setStage();
    stage.start('a');
    readInstance(stage, 'a');
    const looksIn = async (ms: number): Promise<number> => {
      const before = stage.looks.length;
      await stage.clock.advance(ms);
      return stage.looks.length - before;
    };
    expect(await looksIn(10_000)).toBeGreaterThanOrEqual(9);
    await looksIn(600_000);
    expect(await looksIn(10 * slowestMs)).toBeLessThanOrEqual(11);
    stage.change('a', 'PAUSED');
    await looksIn(slowestMs);
    expect(await looksIn(5_000)).toBeGreaterThanOrEqual(4);
    await looksIn(600_000);
    stage.watches.pollNow({ leagueId: 'another' });
    expect(await looksIn(10)).toBe(0);
    stage.watches.pollNow({ leagueId: league, instanceId: 'a' });
    expect(await looksIn(10)).toBe(1);
  });

  test('a write during a poll causes another poll', async () => {
    const stage = setStage();
    stage.start('a');
    stage.latencyMs = () => 100;
    const reader = readInstance(stage, 'a');
    await stage.clock.advance(50);
    stage.change('a', 'STOPPING');
    stage.watches.pollNow({ leagueId: league, instanceId: 'a' });
    await stage.clock.advance(200);
    expect(reader.statuses()).toEqual(['RUNNING', 'STOPPING']);
  });

  test('of two polls under way together, neither takes back what the other one found', async () => {
    const stage = setStage();
    ['a', 'b'].forEach((id) => stage.start(id));
    stage.requestMs = () => 400;
    const reader = readInstance(stage, 'a');
    await stage.clock.advance(50);
    // The list’s poll begins later, reads sooner and is answered last.
    stage.requestMs = () => 0;
    stage.latencyMs = () => 700;
    readLeague(stage);
    readInstance(stage, 'b');
    await stage.clock.advance(100);
    stage.change('a', 'STOPPING');
    await stage.clock.advance(700);
    stage.change('a', 'PAUSED');
    await stage.clock.advance(2 * quickMs + 700);
    expect(stage.looks.slice(0, 2).map(({ kind }) => kind)).toEqual(['INSTANCE', 'LEAGUE']);
    expect(reader.statuses()).toEqual(['STOPPING', 'PAUSED']);
  });

  test('no upstream gets more polls a second than its rate limit, and a scope with many subscriptions does not starve others', async () => {
    const stage = setStage({ intervals: { pollsPerSecond: 5, slowestMs: quickMs } });
    stage.pageSize = 0;
    for (let id = 0; id < 50; id += 1) {
      stage.start(`i${id}`);
      readInstance(stage, `i${id}`);
    }
    const other = { upstreamScope: 'other', language: 'en_us' };
    readInstance(stage, 'i0', null, other);
    await stage.clock.advance(20_000);
    const looks = stage.looks.filter(({ kind }) => kind === 'INSTANCE');
    for (const { atMs } of looks)
      expect(looks.filter((look) => look.atMs >= atMs && look.atMs < atMs + 1_000).length).toBeLessThanOrEqual(5);
    expect(looks.length).toBeGreaterThanOrEqual(95);
    expect(looks.filter(({ upstreamScope }) => upstreamScope === 'other').length).toBeGreaterThanOrEqual(9);
    expect(new Set(looks.map(({ id }) => id)).size).toBe(50);
    expect(stage.watches.figures().lagMs).toBeGreaterThan(1_000);
  });
});

describe('failures', () => {
  test('an unreachable upstream is polled after growing pauses, without events', async () => {
    const stage = setStage();
    stage.start('a');
    const reader = readInstance(stage, 'a');
    await stage.clock.advance(quickMs / 2);
    stage.fail('UPSTREAM_UNREACHABLE');
    stage.looks.length = 0;
    await stage.clock.advance(300_000);
    expect(stage.looks.length).toBeLessThan(15);
    expect(reader.statuses()).toEqual(['RUNNING']);
    stage.recover();
    stage.change('a', 'SUCCEEDED');
    await stage.clock.advance(defaultIntervals.longestPauseMs * 1.2);
    expect(reader.statuses()).toEqual(['RUNNING', 'SUCCEEDED']);
    expect(reader.end()).toBe('DONE');
  });

  test.each(['RATE_LIMITED', 'UPSTREAM_PAUSED'] as const)(
    'retryAfter of %s is kept to, also after a write',
    async (code) => {
      const stage = setStage();
      stage.start('a');
      readInstance(stage, 'a');
      stage.fail(code, 30);
      await stage.clock.advance(10);
      stage.watches.pollNow({ leagueId: league });
      await stage.clock.advance(29_900);
      expect(stage.looks).toHaveLength(1);
      stage.recover();
      await stage.clock.advance(5_000);
      expect(stage.looks.length).toBeGreaterThan(1);
    },
  );

  test('a caller without the right gets the error, at once or later', async () => {
    const stage = setStage();
    stage.start('a');
    const reader = readInstance(stage, 'a');
    await stage.clock.advance(10);
    stage.fail('FORBIDDEN');
    const late = readLeague(stage);
    await stage.clock.advance(2 * quickMs);
    expect([reader.end(), late.end()]).toEqual(['FORBIDDEN', 'FORBIDDEN']);
    expect(stage.watches.figures().watches).toBe(0);
  });

  test('instances are polled one by one where their list fails', async () => {
    const stage = setStage({ intervals: { slowestMs: quickMs } });
    ['a', 'b'].forEach((id) => stage.start(id));
    stage.fail('UPSTREAM_INVALID_ANSWER', undefined, ['LEAGUE']);
    const readers = ['a', 'b'].map((id) => readInstance(stage, id));
    await stage.clock.advance(10 * quickMs);
    expect(readers.map((reader) => reader.statuses())).toEqual([['RUNNING'], ['RUNNING']]);
    expect(countOf(stage, 'LEAGUE')).toBe(2);
  });

  test('an instance that never was, or is gone, ends its stream with NOT_FOUND', async () => {
    const stage = setStage();
    stage.start('a');
    const [never, reader] = [readInstance(stage, 'none'), readInstance(stage, 'a')];
    await stage.clock.advance(10);
    stage.vanish('a');
    await stage.clock.advance(5 * quickMs);
    expect([never.end(), reader.end()]).toEqual(['NOT_FOUND', 'NOT_FOUND']);
  });

  test('a run that one poll did not find is polled again after a pause, with other subscribers too', async () => {
    const stage = setStage({ intervals: { slowestMs: quickMs } });
    stage.start('a');
    const readers = [readProgress(stage, 'a'), readInstance(stage, 'a')];
    await stage.clock.advance(quickMs / 2);
    stage.vanish('a');
    await stage.clock.advance(quickMs);
    stage.start('a');
    await stage.clock.advance(quickMs);
    expect(readers.map((reader) => reader.end())).toEqual(['OPEN', 'OPEN']);
    expect(stage.looks.map(({ kind, atMs }) => `${kind} ${Math.round(atMs / quickMs)}`)).toEqual([
      'PROGRESS 0',
      'PROGRESS 1',
      'PROGRESS 2',
    ]);
  });

  test('a run is not reported gone while its league’s list can not be read', async () => {
    const stage = setStage({ intervals: { slowestMs: quickMs } });
    stage.start('a');
    const [list, reader] = [readLeague(stage), readProgress(stage, 'a')];
    await stage.clock.advance(quickMs / 2);
    stage.fail('UPSTREAM_FAILED', undefined, ['LEAGUE']);
    await stage.clock.advance(5 * quickMs);
    stage.vanish('a');
    await stage.clock.advance(5 * quickMs);
    expect(reader.end()).toBe('NOT_FOUND');
    stage.start('a', 'SUCCEEDED');
    stage.recover();
    await stage.clock.advance(defaultIntervals.longestPauseMs);
    expect(list.statuses()).toEqual(['RUNNING', 'SUCCEEDED']);
  });

  test('a slow failing list delays no instance', async () => {
    const stage = setStage({ intervals: { slowestMs: quickMs } });
    stage.start('a');
    const reader = readInstance(stage, 'a');
    readLeague(stage);
    stage.fail('UPSTREAM_TIMEOUT', undefined, ['LEAGUE']);
    stage.latencyMs = () => (stage.looks.at(-1)?.kind === 'LEAGUE' ? 10_000 : 0);
    await stage.clock.advance(30_000);
    expect(countOf(stage, 'LEAGUE')).toBe(3);
    stage.change('a', 'SUCCEEDED');
    await stage.clock.advance(2 * quickMs);
    expect(reader.end()).toBe('DONE');
  });

  test('close ends every stream with RECONNECT, later subscribers too', async () => {
    const stage = setStage();
    stage.start('a');
    const readers = [readInstance(stage, 'a'), readLeague(stage), readInstance(stage, 'b')];
    await stage.clock.advance(1);
    stage.watches.close();
    readers.push(readInstance(stage, 'a'));
    await stage.clock.advance(600_000);
    expect(readers.map((reader) => reader.end())).toEqual(Array(4).fill('RECONNECT'));
    expect(stage.watches.figures()).toMatchObject({ watches: 0, subscribers: 0 });
    expect(stage.clock.pending()).toBe(0);
  });
});

describe('events', () => {
  test('the present state comes first, for later subscribers too, then each change', async () => {
    const stage = setStage();
    stage.start('a', 'WAITING');
    const first = readInstance(stage, 'a');
    await stage.clock.advance(10);
    stage.change('a', 'RUNNING');
    await stage.clock.advance(quickMs);
    const second = readInstance(stage, 'a');
    await stage.clock.advance(0);
    expect(second.events).toMatchObject([{ sequence: 2, previousStatus: null, gap: null, isFinal: false }]);
    stage.change('a', 'SUCCEEDED');
    await stage.clock.advance(2 * quickMs);
    expect(first.events.map(({ previousStatus, state }) => [previousStatus, state.status])).toEqual([
      [null, 'WAITING'],
      ['WAITING', 'RUNNING'],
      ['RUNNING', 'SUCCEEDED'],
    ]);
    expect(second.events.at(-1)).toMatchObject({ previousStatus: 'RUNNING', isFinal: true, gap: null });
    expect(Date.parse(first.events[0]?.observedAt ?? '')).toBeGreaterThanOrEqual(Date.UTC(2026, 5, 1));
  });

  test('a league’s stream begins with the runs that have not ended and those that ended last, and adds new ones', async () => {
    const stage = setStage();
    stage.start('job1-a', 'SUCCEEDED');
    stage.start('job1-b');
    stage.start('job2-c');
    const [all, one] = [readLeague(stage), readLeague(stage, 'job1')];
    await stage.clock.advance(10);
    stage.start('job1-d');
    stage.change('job1-b', 'FAILED');
    await stage.clock.advance(2 * quickMs);
    const told = ({ events }: typeof all) => events.map(({ state }) => `${state.instanceId} ${state.status}`).sort();
    expect(told(one)).toEqual(['job1-a SUCCEEDED', 'job1-b FAILED', 'job1-b RUNNING', 'job1-d RUNNING']);
    expect(told(all)).toEqual([...told(one), 'job2-c RUNNING']);
    expect(all.events.map(({ kind }) => kind)).toEqual(['SNAPSHOT', 'SNAPSHOT', 'SNAPSHOT_END', 'CHANGE', 'CHANGE']);
    expect(all.end()).toBe('OPEN');
  });

  test('of the runs that ended, a league’s stream begins with the last 20, or with all since an instant', async () => {
    const stage = setStage();
    const ids = Array.from({ length: 30 }, (_, index) => `${index}`.padStart(2, '0'));
    for (const id of ids) stage.start(id, 'SUCCEEDED', new Date(Date.UTC(2026, 4, 1, 0, Number(id))).toISOString());
    const [last, since] = [
      readLeague(stage),
      read((signal) =>
        stage.watches.league(someone, { leagueId: league }, { signal, since: '2026-05-01T00:05:00.000Z' }),
      ),
    ];
    await stage.clock.advance(10);
    expect(last.events.map(({ state }) => state.instanceId).sort()).toEqual(ids.slice(10));
    expect(since.events.map(({ state }) => state.instanceId).sort()).toEqual(ids.slice(5));
    expect(since.events.at(-1)?.kind).toBe('SNAPSHOT_END');
  });

  test('where no run has ended since then, the last that ended marks the end of the snapshot', async () => {
    const stage = setStage();
    for (const id of ['b', 'a', 'c']) stage.start(id, 'SUCCEEDED', `2026-05-0${id === 'a' ? 2 : 1}T00:00:00.000Z`);
    const reader = read((signal) =>
      stage.watches.league(someone, { leagueId: league }, { signal, since: '2026-05-03T00:00:00.000Z' }),
    );
    await stage.clock.advance(10);
    expect(reader.events).toMatchObject([{ kind: 'SNAPSHOT_END', state: { instanceId: 'a' } }]);
  });

  test('a league without runs: the snapshot ends at once, for those who can tell; else with the first run', async () => {
    const stage = setStage();
    const reader = readLeague(stage);
    const silent = read((signal) => stage.watches.league(someone, { leagueId: league }, { signal }));
    await stage.clock.advance(10);
    expect(reader.events).toMatchObject([
      { kind: 'SNAPSHOT_END', sequence: 0, state: { leagueId: league, instanceId: '', status: 'UNKNOWN' }, gap: null },
    ]);
    stage.start('a');
    await stage.clock.advance(2 * quickMs);
    const later = readLeague(stage, undefined, cursorOf({ events: reader.events.slice(0, 1) }));
    stage.start('b');
    await stage.clock.advance(2 * quickMs);
    const kinds = [reader, later, silent].map(({ events }) => events.map(({ kind }) => kind));
    expect(kinds).toEqual([
      ['SNAPSHOT_END', 'CHANGE', 'CHANGE'],
      ['SNAPSHOT_END', 'CHANGE'],
      ['SNAPSHOT_END', 'CHANGE'],
    ]);
  });

  test('a league without runs: a cursor that is not known gets its gap at once', async () => {
    const stage = setStage();
    const reader = readLeague(stage, undefined, 'other.7');
    await stage.clock.advance(10);
    expect(reader.events).toMatchObject([
      { kind: 'SNAPSHOT_END', gap: { reason: 'EXPIRED_CURSOR', watched: 'LEAGUE' } },
    ]);
    stage.start('a');
    await stage.clock.advance(2 * quickMs);
    expect(reader.events.slice(1)).toMatchObject([{ kind: 'CHANGE', gap: null, state: { instanceId: 'a' } }]);
  });

  test('a league without runs: that polls fail and succeed again', async () => {
    const stage = setStage();
    const readers = [readLeague(stage), readLeague(stage, 'job')];
    await stage.clock.advance(10);
    stage.fail('UPSTREAM_TIMEOUT');
    await stage.clock.advance(60_000);
    stage.recover();
    await stage.clock.advance(2 * defaultIntervals.longestPauseMs);
    for (const { events, notices } of readers) {
      expect(events.map(({ kind }) => kind)).toEqual(['SNAPSHOT_END']);
      expect(notices).toMatchObject([
        {
          kind: 'STALE',
          state: { instanceId: '' },
          stale: { since: events[0]?.observedAt, reason: 'UPSTREAM_TIMEOUT' },
          previousStatus: null,
        },
        { kind: 'FRESH', state: { instanceId: '' }, stale: null },
      ]);
    }
  });

  test('where the service allows no poll soon, one failure is told', async () => {
    const stage = setStage();
    stage.fail('RATE_LIMITED', 600);
    const readers = [readLeague(stage), readInstance(stage, 'a')];
    await stage.clock.advance(quickMs);
    for (const { notices } of readers) expect(notices).toMatchObject([{ kind: 'STALE', state: { status: 'UNKNOWN' } }]);
  });

  test.each([
    ['a run', (stage: Stage) => readInstance(stage, 'a')],
    ['its progress', (stage: Stage) => readProgress(stage, 'a')],
    ['a league', (stage: Stage) => readLeague(stage)],
  ])('polls that wait because another one was told to wait are as polls that fail: %s', async (_, watch) => {
    const stage = setStage({ upstreamsOf: () => ['one'] });
    stage.start('a');
    const reader = watch(stage);
    await stage.clock.advance(quickMs / 2);
    const since = reader.events[0]?.observedAt;
    stage.fail('RATE_LIMITED', 600, ['AGENT']);
    read((signal) => stage.watches.agent(someone, { agentId: 'agent1' }, { signal }));
    await stage.clock.advance(2 * quickMs);
    const lookCount = stage.looks.length;
    expect(reader.notices).toMatchObject([{ kind: 'STALE', stale: { since, reason: 'RATE_LIMITED' } }]);
    const late = read((signal) =>
      stage.watches.instance(someone, { leagueId: 'other', instanceId: 'b' }, { signal, withFreshness: true }),
    );
    await stage.clock.advance(quickMs);
    expect(late.notices).toMatchObject([
      { kind: 'STALE', state: { status: 'UNKNOWN' }, stale: { reason: 'RATE_LIMITED' } },
    ]);
    expect(stage.looks).toHaveLength(lookCount);
    stage.recover();
    await stage.clock.advance(600_000);
    expect(reader.notices.map(({ kind }) => kind)).toEqual(['STALE', 'FRESH']);
  });

  test('short waits are told when they come one after the other', async () => {
    const stage = setStage({ upstreamsOf: () => ['one'], intervals: { pollsPerSecond: 1 } });
    stage.start('a');
    const reader = readInstance(stage, 'a');
    await stage.clock.advance(quickMs / 2);
    stage.fail('RATE_LIMITED', 5, ['AGENT']);
    // Each scope takes its turn, so that these come before the run.
    ['one', 'two', 'three'].forEach((upstreamScope) =>
      read((signal) => stage.watches.agent({ ...someone, upstreamScope }, { agentId: 'agent1' }, { signal })),
    );
    await stage.clock.advance(4_000);
    expect(reader.notices).toEqual([]);
    await stage.clock.advance(8_000);
    expect(reader.notices).toMatchObject([{ kind: 'STALE', stale: { reason: 'RATE_LIMITED' } }]);
    expect(countOf(stage, 'INSTANCE') + countOf(stage, 'LEAGUE')).toBe(1);
  });

  test('polls that fail are told once, with the time since when, and so is that they succeed again', async () => {
    const stage = setStage();
    stage.start('a');
    const readers = [readInstance(stage, 'a'), readLeague(stage)];
    const silent = read((signal) => stage.watches.instance(someone, { leagueId: league, instanceId: 'a' }, { signal }));
    await stage.clock.advance(quickMs / 2);
    const seenAt = readers.map(({ events }) => events[0]?.observedAt);
    stage.fail('UPSTREAM_UNREACHABLE');
    await stage.clock.advance(60_000);
    const late = readInstance(stage, 'a');
    await stage.clock.advance(60_000);
    for (const [index, { notices }] of readers.entries())
      expect(notices).toMatchObject([
        {
          kind: 'STALE',
          stale: { since: seenAt[index], reason: 'UPSTREAM_UNREACHABLE' },
          state: { status: 'RUNNING' },
        },
      ]);
    expect(late.notices).toMatchObject([{ kind: 'STALE' }]);
    stage.recover();
    await stage.clock.advance(2 * defaultIntervals.longestPauseMs);
    for (const { notices } of [...readers, late])
      expect(notices.map(({ kind, stale }) => [kind, stale === null])).toEqual([
        ['STALE', false],
        ['FRESH', true],
      ]);
    expect([silent.notices, silent.statuses()]).toEqual([[], ['RUNNING']]);
  });

  test('a change ends STALE as well', async () => {
    const stage = setStage();
    stage.start('a');
    const reader = readInstance(stage, 'a');
    await stage.clock.advance(quickMs / 2);
    stage.fail('UPSTREAM_TIMEOUT');
    await stage.clock.advance(60_000);
    stage.recover();
    stage.change('a', 'PAUSED');
    await stage.clock.advance(2 * defaultIntervals.longestPauseMs);
    expect(reader.notices.map(({ kind }) => kind)).toEqual(['STALE']);
    expect(reader.statuses()).toEqual(['RUNNING', 'PAUSED']);
  });

  test('where polls fail from the beginning, the state is UNKNOWN', async () => {
    const stage = setStage();
    stage.start('a');
    stage.fail('UPSTREAM_UNREACHABLE');
    const readers = [
      readInstance(stage, 'a'),
      read((signal) => stage.watches.agent(someone, { agentId: 'agent1' }, { signal, withFreshness: true })),
      readLeague(stage),
    ];
    await stage.clock.advance(60_000);
    for (const { notices } of readers)
      expect(notices).toMatchObject([{ kind: 'STALE', sequence: 0, state: { status: 'UNKNOWN' } }]);
    stage.recover();
    await stage.clock.advance(2 * defaultIntervals.longestPauseMs);
    expect(readers.map(({ events }) => events.map(({ kind, state }) => [kind, state.status]))).toEqual(
      Array(3).fill([['SNAPSHOT_END', 'RUNNING']]),
    );
  });

  test('runs that a league’s list has no more are followed to their end, and those that are gone end as UNKNOWN', async () => {
    const stage = setStage();
    stage.pageSize = 2;
    ['a', 'b'].forEach((id) => stage.start(id));
    const reader = readLeague(stage);
    await stage.clock.advance(10);
    ['c', 'd'].forEach((id) => stage.start(id));
    await stage.clock.advance(2 * quickMs);
    stage.change('a', 'SUCCEEDED');
    stage.vanish('b');
    await stage.clock.advance(20 * quickMs);
    expect(
      reader.events
        .filter(({ isFinal }) => isFinal)
        .map(({ state }) => `${state.instanceId} ${state.status} ${state.statusText}`)
        .sort(),
    ).toEqual(['a SUCCEEDED SUCCEEDED', 'b UNKNOWN null']);
  });

  test('an agent’s changes, at its own interval, until it is gone', async () => {
    const stage = setStage();
    const reader = read((signal) => stage.watches.agent(someone, { agentId: 'agent1' }, { signal }));
    await stage.clock.advance(10);
    stage.agent.status = 'UPGRADING';
    await stage.clock.advance(2 * defaultIntervals.agentQuickMs);
    expect(stage.looks).toHaveLength(3);
    stage.agent.status = null;
    await stage.clock.advance(2 * defaultIntervals.agentQuickMs);
    expect(reader.statuses()).toEqual(['RUNNING', 'UPGRADING']);
    expect(reader.end()).toBe('NOT_FOUND');
  });

  test('a slow reader gets the latest state, with the previous status it received, and the end', async () => {
    const stage = setStage();
    stage.start('a', 'WAITING');
    const reader = readInstance(stage, 'a');
    await stage.clock.advance(10);
    reader.hold();
    stage.change('a', 'RUNNING');
    await stage.clock.advance(2 * quickMs);
    for (const status of ['PAUSED', 'RESUMING', 'SUCCEEDED']) {
      stage.change('a', status);
      await stage.clock.advance(2 * quickMs);
    }
    reader.release();
    await stage.clock.advance(0);
    // One call to next() was under way already.
    expect(reader.events.map(({ state, previousStatus, gap }) => [previousStatus, state.status, gap?.reason])).toEqual([
      [null, 'WAITING', undefined],
      ['WAITING', 'RUNNING', undefined],
      ['RUNNING', 'SUCCEEDED', 'OVERFLOW'],
    ]);
    expect(reader.end()).toBe('DONE');
  });
});

describe('resuming', () => {
  test('tell nobody how many others are watched: epochs are not numbered', () => {
    const newEpoch = createEpochs('one');
    const tails = Array.from({ length: 3 }, () => newEpoch('someone').slice(16));
    for (const tail of tails) expect(tail).toMatch(/^[0-9a-f]{12}$/);
    expect(new Set(tails.map((tail) => tail.slice(0, 8))).size).toBe(3);
  });

  test('a gap says why', async () => {
    const epoch = createEpochs('one')('someone');
    const cursor = (of: string) => `${of}.3`;
    expect(gapReasonOf(cursor(createEpochs('one')('someone')), epoch)).toBe('RESTART');
    expect(gapReasonOf(cursor(createEpochs('two')('someone')), epoch)).toBe('FAILOVER');
    const stage = setStage();
    stage.start('a');
    const other = readInstance(stage, 'a', null, { ...someone, upstreamScope: 'other' });
    await stage.clock.advance(10);
    const own = readInstance(stage, 'a', cursorOf(other));
    await stage.clock.advance(10);
    expect(own.events).toMatchObject([{ kind: 'SNAPSHOT_END', gap: { reason: 'RIGHT_CHANGED', watched: 'INSTANCE' } }]);
    const restarted = setStage();
    restarted.start('a');
    const again = readLeague(restarted, undefined, cursorOf(own));
    await restarted.clock.advance(10);
    expect(again.events).toMatchObject([{ gap: { reason: 'RESTART', watched: 'LEAGUE' } }]);
  });

  test('within the epoch every change since the cursor is sent, one by one', async () => {
    const stage = setStage();
    stage.start('a', 'S0');
    const [leaver, stayer] = [readInstance(stage, 'a'), readInstance(stage, 'a')];
    await stage.clock.advance(10);
    leaver.leave();
    for (const status of ['S1', 'S2', 'SUCCEEDED']) {
      stage.change('a', status);
      await stage.clock.advance(2 * quickMs);
    }
    const resumed = readInstance(stage, 'a', cursorOf(leaver));
    const told = readInstance(stage, 'a', cursorOf(stayer));
    await stage.clock.advance(10);
    expect(resumed.statuses()).toEqual(['S1', 'S2', 'SUCCEEDED']);
    expect(resumed.events.some(({ gap }) => gap !== null)).toBe(false);
    expect([resumed.end(), told.end(), told.events.length]).toEqual(['DONE', 'DONE', 0]);
  });

  test('an unknown, malformed or forgotten cursor begins with a snapshot that says so', async () => {
    const stage = setStage();
    stage.start('a');
    const reader = readInstance(stage, 'a');
    await stage.clock.advance(10);
    reader.leave();
    await stage.clock.advance(2 * defaultIntervals.rememberMs);
    for (const cursor of ['abc.7', 'nonsense', '', '__proto__', cursorOf(reader)]) {
      const again = readInstance(stage, 'a', cursor);
      await stage.clock.advance(10);
      expect(again.events).toMatchObject([
        { gap: { reason: 'EXPIRED_CURSOR' }, previousStatus: null, state: { status: 'RUNNING' } },
      ]);
      again.leave();
    }
  });

  test('after more changes than are buffered, the latest state is sent with a gap', async () => {
    const stage = setStage();
    stage.start('a', 'S0');
    const [leaver] = [readInstance(stage, 'a'), readInstance(stage, 'a')];
    await stage.clock.advance(10);
    leaver.leave();
    for (let change = 1; change <= 120; change += 1) {
      stage.change('a', `S${change}`);
      await stage.clock.advance(2 * quickMs);
    }
    const resumed = readInstance(stage, 'a', cursorOf(leaver));
    await stage.clock.advance(10);
    expect(resumed.events).toMatchObject([{ gap: { reason: 'OVERFLOW' }, state: { status: 'S120' } }]);
  });

  test('a league’s snapshot after a gap has the ended runs too', async () => {
    const stage = setStage();
    stage.start('a', 'SUCCEEDED');
    stage.start('b');
    const reader = readLeague(stage, undefined, 'gone.4');
    await stage.clock.advance(10);
    expect(reader.events.map(({ state, gap }) => [state.instanceId, gap])).toEqual([
      ['a', { reason: 'EXPIRED_CURSOR', watched: 'LEAGUE' }],
      ['b', { reason: 'EXPIRED_CURSOR', watched: 'LEAGUE' }],
    ]);
  });
});
