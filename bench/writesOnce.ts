/**
 * Sends writes through connections that break in the middle of their answers, and counts at the embedded TICS how often each
 * arrived. Fails when one arrived twice, or when one that may have been carried out was not said to be so.
 *
 * usage: npm run bench:writes [-- --writes 10000] [--together 50]
 */
import { parseArgs } from 'node:util';
import { createGateway } from '../src/gateway/gateway.ts';
import { createLog } from '../src/telemetry/log.ts';
import { startSandbox } from '../src/sandbox/start.ts';

const { values } = parseArgs({
  options: { writes: { type: 'string', default: '10000' }, together: { type: 'string', default: '50' } },
});
const writes = Number(values.writes);
const together = Number(values.together);

const sandbox = await startSandbox({ nowMs: Date.UTC(2026, 5, 1) });
const { spaceUrl, iamUrl, projectId, region, account } = sandbox;
const gateway = createGateway(
  {
    tics: { spaceUrl, iamUrl, projectId, region, account, language: 'en_us', timeZone: 'Asia/Shanghai', agents: [] },
  },
  { log: createLog('fatal') },
);
const leagueId = sandbox.world.leaguesOfRole('OWNER')[0]?.id;
const query = `mutation ($input: UpdateLeagueInput!) { updateLeague(input: $input) { userErrors { code } } }`;

async function write(number: number): Promise<string> {
  const response = await gateway.fetch('http://gateway.bench/graphql', {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ query, variables: { input: { id: leagueId, description: `write ${number}` } } }),
  });
  const { data } = (await response.json()) as { data: { updateLeague: { userErrors: { code: string }[] } } };
  return data.updateLeague.userErrors[0]?.code ?? 'OK';
}

await sandbox.client.setRules([{ operationId: 'updateLeague', fault: { kind: 'reset', at: 'midAnswer' } }]);

const outcomes = new Map<string, number>();
const arrivals = new Map<string, number>();
const startedAt = performance.now();
for (let done = 0; done < writes; done += together) {
  const codes = await Promise.all(
    Array.from({ length: Math.min(together, writes - done) }, (_, index) => write(done + index)),
  );
  for (const code of codes) outcomes.set(code, (outcomes.get(code) ?? 0) + 1);
  for (const { body } of await sandbox.client.calls({ operationId: 'updateLeague' })) {
    const key = JSON.stringify(body);
    arrivals.set(key, (arrivals.get(key) ?? 0) + 1);
  }
  await sandbox.client.clearCalls();
}
const seconds = (performance.now() - startedAt) / 1000;
await gateway.close();
await sandbox.close();

const twice = [...arrivals.values()].filter((count) => count > 1).length;
const unknown = outcomes.get('OUTCOME_UNKNOWN') ?? 0;
process.stdout.write(
  `${writes} writes through resets in mid-answer, ${seconds.toFixed(0)} s: ${arrivals.size} arrived, ${twice} arrived twice, ` +
    `${unknown} answered OUTCOME_UNKNOWN\n`,
);
if (twice > 0 || arrivals.size !== writes || unknown !== writes) process.exitCode = 1;
