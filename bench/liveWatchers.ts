/**
 * Many subscribers of many runs over real sockets. The embedded TICS, the gateway and the subscribers are processes of their
 * own; runs are changed at the embedded TICS. Measures how long a change takes to reach the last subscriber of its run, calls a
 * second that arrive at the service meanwhile, memory a subscriber, and what thousands that come and go leave behind: over
 * WebSockets, then over server-sent events. Takes some minutes. Fails when a goal is missed.
 *
 * usage: npm run bench:live [-- --sockets 200] [--subscriptions 50] [--cycles 10000] [--streams 1000] [--streamCycles 2000]
 *        [--instances 200] [--seconds 60] [--changes 2] [--objects] [--entry dist/main.js]
 *
 *   --subscriptions  on each socket
 *   --cycles         subscriptions over sockets that come and go
 *   --streams        of server-sent events; --streamCycles of them come and go
 *   --changes        a second, for so many seconds
 *   --objects        subscribers ask for the run itself as well, which is read for each event
 *   --entry          of the gateway: built, or src/main.ts
 */
import { parseArgs } from 'node:util';
import { measure, runsToWatch, type MeasureOptions } from './liveMeasures.ts';
import { setUpLive, type LiveStage } from './liveStage.ts';

const { values } = parseArgs({
  options: {
    sockets: { type: 'string', default: '200' },
    subscriptions: { type: 'string', default: '50' },
    cycles: { type: 'string', default: '10000' },
    streams: { type: 'string', default: '1000' },
    streamCycles: { type: 'string', default: '2000' },
    instances: { type: 'string', default: '200' },
    seconds: { type: 'string', default: '60' },
    changes: { type: 'string', default: '2' },
    objects: { type: 'boolean', default: false },
    entry: { type: 'string', default: 'dist/main.js' },
  },
});

const goals = {
  lastEventMs: 50,
  /** More subscribers of one run may take longer. */
  subscribersOfARun: 50,
  heapGrowth: 0.05,
  /** Each stream of server-sent events is a connection and a request of its own. */
  heapBytesASubscriber: { WebSocket: 6_144, SSE: 32_768 },
};

const query = `subscription Watch($id: ID!) {
  instanceStatus(id: $id) {
    status previousStatus sequence cursor observedAt final gap ${values.objects ? 'instance { id jobName status }' : ''}
  }
}`;

function percentile(numbers: readonly number[], share: number): number {
  return [...numbers].sort((one, other) => one - other)[Math.ceil(numbers.length * share) - 1] ?? NaN;
}

/** Measures, prints, and answers whether the goals were met. */
async function report(stage: LiveStage, options: MeasureOptions): Promise<boolean> {
  const { transport, connections, subscriptionsAConnection, ids } = options;
  const measured = await measure(stage, options);
  const { changes, sinceChangeMs, sinceObservedMs, subscriptionsLost, heapBytesASubscriber, heapGrowth, left } =
    measured;
  const subscribers = connections * subscriptionsAConnection;
  const last = { p50: percentile(sinceObservedMs, 0.5), p99: percentile(sinceObservedMs, 0.99) };
  const isFew = subscribers / ids.length <= goals.subscribersOfARun;
  const missed = Object.entries({
    allTold: sinceObservedMs.length < changes || subscriptionsLost > 0,
    fromObservedAtToLastEventMs: isFew && last.p99 > goals.lastEventMs,
    heapBytesASubscriber: heapBytesASubscriber > goals.heapBytesASubscriber[transport],
    heapGrowthAfterCycles: heapGrowth > goals.heapGrowth,
    nothingLeft: left.watches + left.subscribers + left.sockets > 0,
  }).flatMap(([goal, isMissed]) => (isMissed ? [goal] : []));
  const printed = {
    transport,
    subscribers,
    connections,
    instances: ids.length,
    subscribedInMs: Math.round(measured.subscribedInMs),
    changes,
    changesToldToAll: sinceObservedMs.length,
    subscriptionsLost,
    fromChangeToLastEventMs: { p50: percentile(sinceChangeMs, 0.5), p99: percentile(sinceChangeMs, 0.99) },
    fromObservedAtToLastEventMs: last,
    upstreamCallsASecond: +measured.callsASecond.toFixed(2),
    processorShare: +measured.processorShare.toFixed(3),
    heapBytesASubscriber: Math.round(heapBytesASubscriber),
    residentBytesASubscriber: Math.round(measured.residentBytesASubscriber),
    cycles: options.cycles,
    idleHeapBytes: measured.idleHeapBytes,
    heapGrowthAfterCycles: `${(heapGrowth * 100).toFixed(2)}%`,
    watchesLeft: left.watches,
    subscribersLeft: left.subscribers,
    socketsLeft: left.sockets,
    missed,
  };
  process.stdout.write(`${JSON.stringify(printed, null, 2)}\n`);
  return missed.length === 0;
}

const stage = await setUpLive(values.entry);
try {
  const common = {
    query,
    ids: await runsToWatch(stage, Number(values.instances)),
    seconds: Number(values.seconds),
    changesASecond: Number(values.changes),
  };
  const overSockets: MeasureOptions = {
    ...common,
    transport: 'WebSocket',
    connections: Number(values.sockets),
    subscriptionsAConnection: Number(values.subscriptions),
    cycles: Number(values.cycles),
  };
  const overEvents: MeasureOptions = {
    ...common,
    transport: 'SSE',
    connections: Number(values.streams),
    subscriptionsAConnection: 1,
    cycles: Number(values.streamCycles),
  };
  for (const options of [overSockets, overEvents])
    if (options.connections > 0 && !(await report(stage, options))) process.exitCode = 1;
} finally {
  await stage.close();
}
