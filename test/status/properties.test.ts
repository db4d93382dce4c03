import fc from 'fast-check';
import { expect, test } from 'vitest';
import { defaultIntervals } from '../../src/status/polling/schedule.ts';
import type { InstanceState, StatusEvent } from '../../src/status/types.ts';
import {
  league,
  readInstance,
  readLeague,
  readProgress,
  setStage,
  terminalStatuses,
  type Reader,
  type Stage,
  type VersionedState,
} from './simulation.ts';

const ids = ['j-a', 'j-b', 'j-c'] as const;
const id = fc.constantFrom(...ids);
/** The subject of a subscription: a run, its progress too, or without an id the whole league. */
const subject: fc.Arbitrary<Subject> = fc.record({ id: fc.option(id, { nil: undefined }), withProgress: fc.boolean() });
const someReader = fc.nat();

/** Everything that can happen. */
const happening = fc.oneof(
  { weight: 4, arbitrary: fc.record({ kind: fc.constant('subscribe'), subject }) },
  {
    weight: 5,
    arbitrary: fc.record({
      kind: fc.constant('change'),
      id,
      status: fc.constantFrom('RUNNING', 'PAUSED', undefined),
    }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('end'), id, status: fc.constantFrom(...terminalStatuses) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('vanish'), id }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('leave'), reader: someReader }) },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('resume'), reader: someReader }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('hold'), reader: someReader }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('release'), reader: someReader }) },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant('fail'),
      code: fc.constantFrom('UPSTREAM_UNREACHABLE', 'RATE_LIMITED', 'UPSTREAM_TIMEOUT', 'UPSTREAM_FAILED'),
      retryAfter: fc.option(fc.integer({ min: 1, max: 20 }), { nil: undefined }),
      looks: fc.constantFrom(['LEAGUE'], ['INSTANCE'], ['PROGRESS'], ['LEAGUE', 'INSTANCE', 'PROGRESS']),
    }),
  },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('recover') }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('touch'), id: fc.option(id, { nil: undefined }) }) },
  {
    weight: 8,
    arbitrary: fc.record({ kind: fc.constant('wait'), ms: fc.constantFrom(1, 40, 300, 1_100, 5_000, 30_000) }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('wait'), ms: fc.constant(2 * defaultIntervals.rememberMs) }) },
) as fc.Arbitrary<Happening>;

interface Subject {
  readonly id: string | undefined;
  readonly withProgress: boolean;
}

type Happening =
  | { kind: 'subscribe'; subject: Subject }
  | { kind: 'change' | 'end'; id: string; status?: string }
  | { kind: 'vanish'; id: string }
  | { kind: 'leave' | 'resume' | 'hold' | 'release'; reader: number }
  | { kind: 'fail'; code: 'RATE_LIMITED'; retryAfter?: number; looks: ('LEAGUE' | 'INSTANCE' | 'PROGRESS')[] }
  | { kind: 'recover' }
  | { kind: 'touch'; id?: string }
  | { kind: 'wait'; ms: number };

interface Subscriber {
  readonly subject: Subject;
  readonly reader: Reader<InstanceState>;
  /** Whose stream it goes on with. */
  readonly before: Subscriber | undefined;
  hasLeft: boolean;
  wasHeld: boolean;
}

/** The last event that it, or the stream it resumes, received. */
function lastOf(subscriber: Subscriber | undefined): StatusEvent<InstanceState> | undefined {
  return subscriber && (subscriber.reader.events.at(-1) ?? lastOf(subscriber.before));
}

function follow(stage: Stage, { id, withProgress }: Subject, after: string | undefined): Reader<InstanceState> {
  if (id === undefined) return readLeague(stage, undefined, after);
  return (withProgress ? readProgress : readInstance)(stage, id, after);
}

function subscribe(stage: Stage, subject: Subject, before?: Subscriber): Subscriber {
  const reader = follow(stage, subject, lastOf(before)?.cursor);
  return { subject, reader, before, hasLeft: false, wasHeld: false };
}

/** Plays a story and lets everything come to rest. */
async function play(stage: Stage, story: readonly Happening[]): Promise<readonly Subscriber[]> {
  const subscribers: Subscriber[] = [];
  const one = (number: number): Subscriber | undefined => subscribers[number % Math.max(1, subscribers.length)];
  const leave = (subscriber: Subscriber | undefined): void => {
    if (subscriber === undefined) return;
    subscriber.hasLeft = true;
    subscriber.reader.leave();
  };
  const happen = async (what: Happening): Promise<void> => {
    switch (what.kind) {
      case 'subscribe':
        return void subscribers.push(subscribe(stage, what.subject));
      case 'change':
      case 'end':
        return stage.change(what.id, what.status);
      case 'vanish':
        return stage.vanish(what.id);
      case 'leave':
        return leave(one(what.reader));
      case 'resume': {
        const before = one(what.reader);
        if (before === undefined || before.wasHeld) return;
        leave(before);
        await stage.clock.advance(0);
        return void subscribers.push(subscribe(stage, before.subject, before));
      }
      case 'hold': {
        const held = one(what.reader);
        if (held === undefined) return;
        held.wasHeld = true;
        return held.reader.hold();
      }
      case 'release':
        return one(what.reader)?.reader.release();
      case 'fail':
        return stage.fail(what.code, what.retryAfter, what.looks);
      case 'recover':
        return stage.recover();
      case 'touch':
        return stage.watches.pollNow({ leagueId: league, ...(what.id !== undefined && { instanceId: what.id }) });
      case 'wait':
        return stage.clock.advance(what.ms);
    }
  };
  for (const what of story) await happen(what);
  stage.recover();
  subscribers.forEach(({ reader }) => reader.release());
  await stage.clock.advance(10 * defaultIntervals.longestPauseMs);
  return subscribers;
}

function ofEach(
  events: readonly StatusEvent<InstanceState>[],
): ReadonlyMap<string, readonly StatusEvent<InstanceState>[]> {
  return new Map(ids.map((instanceId) => [instanceId, events.filter(({ state }) => state.instanceId === instanceId)]));
}

function versionOf({ state }: StatusEvent<InstanceState>): number {
  return (state as VersionedState).version;
}
function epochOf({ cursor }: StatusEvent<InstanceState>): string {
  return cursor.split('.')[0] ?? '';
}

/** Events come in order and once, each has the previous status, and none follows a final one. */
function checkOrder({ subject, reader, wasHeld, before }: Subscriber): void {
  const { events } = reader;
  events.slice(1).forEach((event, index) => expect(event.sequence).toBeGreaterThan(events[index]?.sequence ?? 0));
  for (const told of ofEach(events).values())
    told.slice(1).forEach((event, index) => {
      const last = told[index] as StatusEvent<InstanceState>;
      expect(last.isFinal).toBe(false);
      // A poll of the state alone reaches a league's stream before the list has the rest.
      const isRest = event.state.status === last.state.status && event.state.fingerprint !== last.state.fingerprint;
      if (event.state.status !== 'UNKNOWN')
        expect(versionOf(event)).toBeGreaterThan(versionOf(last) - (isRest && subject.id === undefined ? 1 : 0));
      expect(event.previousStatus).toBe(last.state.status);
    });
  if (wasHeld) return;
  // A subscription without progress receives changes of the state only.
  if (subject.id !== undefined && !subject.withProgress)
    events.slice(1).forEach(({ state }, index) => expect(state.status).not.toBe(events[index]?.state.status));
  // A reader that keeps up receives every change that was seen.
  if (subject.id !== undefined)
    events.slice(1).forEach((event, index) => expect(event.sequence).toBe((events[index]?.sequence ?? 0) + 1));
  const last = lastOf(before);
  const [first] = events;
  if (last === undefined || first === undefined) {
    expect(events.every(({ gap }) => gap === null)).toBe(true);
    return;
  }
  // Resumed: the next change, or an event with a gap.
  if (first.gap !== null) expect(epochOf(first)).not.toBe(epochOf(last));
  else {
    expect(epochOf(first)).toBe(epochOf(last));
    expect(first.sequence).toBe(last.sequence + 1);
  }
}

/** A subscriber that stayed has the final state, and received the end. */
function checkEnd(stage: Stage, subscriber: Subscriber): void {
  const { subject, reader, hasLeft } = subscriber;
  if (hasLeft) return;
  const chain: StatusEvent<InstanceState>[] = [];
  for (let at: Subscriber | undefined = subscriber; at !== undefined; at = at.before)
    chain.unshift(...at.reader.events);
  const hasGap = chain.some((event) => event.gap !== null);
  const isEnded = ({ status }: { status: string }): boolean => terminalStatuses.includes(status);
  const isListed = (instanceId: string): boolean => [...stage.runs.keys()].slice(-stage.pageSize).includes(instanceId);
  for (const instanceId of subject.id === undefined ? ids : [subject.id]) {
    const run = stage.runs.get(instanceId);
    const last = ofEach(chain).get(instanceId)?.at(-1);
    // Of a run that had ended before, or that the list never had, a league's stream need not tell; nor, after a gap, of one that
    // the list has no more.
    if (subject.id !== undefined && last?.isFinal === true)
      // Resumed after its end, it may have been forgotten here and be gone there.
      expect(['DONE', ...(run === undefined && reader.events.length === 0 ? ['NOT_FOUND'] : [])]).toContain(
        reader.end(),
      );
    else if (subject.id !== undefined && run === undefined) expect(reader.end()).toBe('NOT_FOUND');
    else if (run === undefined) expect(last === undefined || last.isFinal || hasGap).toBe(true);
    else if (
      subject.id !== undefined ||
      (last === undefined ? isListed(instanceId) && !isEnded(run) : !hasGap || isListed(instanceId))
    ) {
      expect(last && [last.state.status, last.isFinal]).toEqual([run.status, isEnded(run)]);
      // A run that the list no longer contains is polled for its state alone.
      const isToldAll = subject.id === undefined ? isListed(instanceId) : subject.withProgress;
      if (isToldAll) expect(last && versionOf(last)).toBe(run.version);
      expect(reader.end()).toBe('OPEN');
    }
  }
}

test('any order of subscribing, changes, failures, ends and leaving keeps the guarantees, and leaves no state', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(happening, { minLength: 5, maxLength: 45 }),
      fc.array(fc.constantFrom(0, 0, 20, 700, 3_000), { minLength: 1, maxLength: 9 }),
      fc.integer({ min: 1, max: 3 }),
      async (story, latencies, pageSize) => {
        const stage = setStage();
        let look = 0;
        stage.latencyMs = () => latencies[(look += 1) % latencies.length] ?? 0;
        stage.requestMs = () => latencies[(2 * look) % latencies.length] ?? 0;
        stage.pageSize = pageSize;
        ids.forEach((started) => stage.start(started));
        const subscribers = await play(stage, story);
        subscribers.forEach(checkOrder);
        subscribers.forEach((subscriber) => checkEnd(stage, subscriber));

        subscribers.forEach(({ reader }) => reader.leave());
        await stage.clock.advance(0);
        expect(stage.watches.figures()).toMatchObject({ watches: 0, subscribers: 0 });
        const looksBefore = stage.looks.length;
        await stage.clock.advance(2 * defaultIntervals.rememberMs);
        expect(stage.looks.length).toBe(looksBefore);
        expect(stage.clock.pending()).toBe(0);
      },
    ),
    { numRuns: Number(process.env['STORIES'] ?? 300) },
  );
});

test('close at any time ends every stream: complete where the run had ended, else with RECONNECT', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(happening, { maxLength: 25 }), async (story) => {
      const stage = setStage();
      ids.forEach((started) => stage.start(started));
      stage.latencyMs = () => 50;
      const closing = play(stage, [...story, { kind: 'wait', ms: 20 }]);
      stage.clock.after(2_000, () => stage.watches.close());
      const subscribers = await closing;
      for (const { reader, hasLeft, subject } of subscribers) {
        const hasEnded = subject.id !== undefined && reader.events.at(-1)?.isFinal === true;
        if (hasEnded) expect(reader.end()).toBe('DONE');
        else if (!hasLeft) expect(['RECONNECT', 'NOT_FOUND', 'DONE']).toContain(reader.end());
      }
      expect(stage.watches.figures()).toMatchObject({ watches: 0, subscribers: 0 });
      expect(stage.clock.pending()).toBe(0);
    }),
    { numRuns: 100 },
  );
});
