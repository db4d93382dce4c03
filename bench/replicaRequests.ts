/**
 * The same queries of the same callers, spread at random over 1, 2 and 4 replicas: upstream calls and commands of Redis for each
 * request, and how many are served. The replicas stand in this process, so times say nothing about cores.
 *
 * usage: npm run bench:replica-requests [-- --requests 4000] [--together 20] [--callers 10]
 */
import { parseArgs } from 'node:util';
import type { Caller } from '../src/callers/caller.ts';
import { parseConfig } from '../src/config/config.ts';
import { createGateway } from '../src/gateway/gateway.ts';
import { createLog } from '../src/telemetry/log.ts';
import { startSandbox } from '../src/sandbox/start.ts';
import { openReplica, startRedis } from '../test/support/redis.ts';

const { values } = parseArgs({
  options: {
    requests: { type: 'string', default: '4000' },
    together: { type: 'string', default: '20' },
    callers: { type: 'string', default: '10' },
  },
});
const requests = Number(values.requests);
const together = Number(values.together);
const callers = Number(values.callers);

const { limits } = parseConfig('', {}, 'none');
const sandbox = await startSandbox({ nowMs: Date.UTC(2026, 5, 1), speed: 0 });
const { spaceUrl, iamUrl, projectId, region, account } = sandbox;
const redis = await startRedis();

function identify({ headers }: { readonly headers: { readonly get: (name: string) => string | null } }): Caller {
  return { upstreamScope: 'account', name: headers.get('x-api-key') ?? '', roles: ['VIEWER'], leagues: 'ALL' };
}

async function measure(count: number) {
  await redis.client.flushall();
  const replicas = await Promise.all(
    Array.from({ length: count }, async () => {
      const shared = await openReplica(redis.url);
      const gateway = createGateway(
        {
          tics: {
            spaceUrl,
            iamUrl,
            projectId,
            region,
            account,
            language: 'en_us',
            timeZone: 'Asia/Shanghai',
            agents: [],
          },
          limits: { ...limits, callerCallsPerMinute: 60_000 },
        },
        { log: createLog('fatal'), shared, identify },
      );
      return { shared, gateway };
    }),
  );
  const ask = async (index: number): Promise<boolean> => {
    const replica = replicas[Math.floor(Math.random() * count)];
    const response = await replica?.gateway.fetch('http://gateway.bench/graphql', {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'x-api-key': `caller ${index % callers}` },
      body: JSON.stringify({ query: `{ leagues(first: ${1 + (index % 50)}) { nodes { id } } }` }),
    });
    await response?.arrayBuffer();
    return response?.status === 200;
  };
  await ask(0);
  await sandbox.client.clearCalls();
  const commands = () => replicas.reduce((sum, { shared }) => sum + shared.figures().commands, 0);
  const before = commands();
  const startedAt = performance.now();
  let served = 0;
  for (let done = 0; done < requests; done += together) {
    const answers = await Promise.all(Array.from({ length: together }, (_, index) => ask(done + index)));
    served += answers.filter(Boolean).length;
  }
  const seconds = (performance.now() - startedAt) / 1000;
  const sent = Object.values(await sandbox.client.countCalls()).reduce((sum, calls) => sum + calls, 0);
  const heartbeats = (count * seconds * 3) / 0.3;
  const all = commands() - before;
  for (const { gateway, shared } of replicas) {
    await gateway.close();
    await shared.close();
  }
  return {
    replicas: count,
    served,
    'upstream calls a request': (sent / requests).toFixed(3),
    'commands a request': (all / requests).toFixed(3),
    'of these heartbeats': (heartbeats / requests).toFixed(3),
    'requests a second': Math.round(requests / seconds),
  };
}

for (const count of [1, 2, 4]) process.stdout.write(`${JSON.stringify(await measure(count))}\n`);
await sandbox.close();
await redis.close();
