import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createSandboxClient } from '../../src/sandbox/client.ts';
import { residentMb, startGateway, startUpstream, type BenchGateway } from './processes.ts';
import type { Outcome } from './report.ts';

interface SyncRow {
  readonly table_name: string;
  readonly row_count: number;
  readonly as_of: string | null;
  readonly pending_days: number | null;
}

async function syncRows({ url }: BenchGateway): Promise<readonly SyncRow[]> {
  const response = await fetch(`${url}/odata/v4/sync_status`);
  return ((await response.json()) as { value: readonly SyncRow[] }).value;
}

/** Waits until all history of all leagues is there. */
export async function untilRead(gateway: BenchGateway, leagues: number): Promise<readonly SyncRow[]> {
  for (;;) {
    const rows = await syncRows(gateway);
    const usage = rows.filter((row) => row.table_name === 'daily_job_usage');
    if (usage.length === leagues && usage.every((row) => row.pending_days === 0)) return rows;
    await new Promise((later) => setTimeout(later, 250));
  }
}

/** Nothing is read any more when so long no call was made, which is longer than a reader may take rows to be fresh for. */
const quietMs = 6_000;

/** Waits until the first read has ended with all that follows from it. Answers the calls until then. */
async function quietAt(countCalls: () => Promise<number>): Promise<number> {
  for (let calls = await countCalls(); ;) {
    await new Promise((later) => setTimeout(later, quietMs));
    const now = await countCalls();
    if (now === calls) return calls;
    calls = now;
  }
}

/** Reads a whole world, then refreshes it where nothing has changed. Fails where that costs more calls than it may. */
export async function refreshWorld(runs: number): Promise<Outcome> {
  const [leagues, days] = runs > 1500 ? [10, 365] : [5, 90];
  const upstream = await startUpstream({ leagues, days, scale: Math.max(1, Math.round(runs / (leagues * 300))) });
  const directory = mkdtempSync(join(tmpdir(), 'bench-bi-'));
  const client = createSandboxClient(upstream.controlUrl);
  const countCalls = async (): Promise<number> =>
    Object.values(await client.countCalls()).reduce((sum, count) => sum + count, 0);
  const bi = { storage: 'memory', callsPerSecond: 1000, refreshMs: 600_000, historyDays: days };
  const startedMs = performance.now();
  const gateway = await startGateway(directory, { ...upstream.config, bi });
  try {
    const rows = await untilRead(gateway, leagues);
    const totalMs = performance.now() - startedMs;
    const first = await countCalls();
    const found = rows.filter((row) => row.table_name === 'job_instance').reduce((sum, row) => sum + row.row_count, 0);
    const before = await quietAt(countCalls);
    const againMs = performance.now();
    await fetch(`${gateway.url}/bi/v1/job_instance.csv?limit=1&max_staleness=5`).then((response) => response.text());
    const unchangedMs = performance.now() - againMs;
    const calls = (await countCalls()) - before;
    const agents = ((upstream.config as { tics: { agents: readonly object[] } }).tics.agents ?? []).length;
    const most = 2 * leagues + agents;
    const cells = [
      ...[found.toLocaleString('en'), `${leagues}`, `${days}`, `${(totalMs / 1000).toFixed(1)} s`],
      ...[first.toLocaleString('en'), `${unchangedMs.toFixed(0)} ms`, `${calls} of ${most}`],
      `${residentMb(gateway).toFixed(0)} MB`,
    ];
    return { rows: [cells], failures: calls <= most ? [] : [`an unchanged world of ${runs} runs cost ${calls} calls`] };
  } finally {
    await gateway.stop();
    await upstream.stop();
    rmSync(directory, { recursive: true });
  }
}
