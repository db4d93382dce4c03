import { costlyQueries } from '../../test/support/costlyQueries.ts';
import { Connection, requestBytes } from '../kit/connection.ts';
import type { Section } from '../kit/section.ts';
import { digits, percentile } from '../kit/statistics.ts';
import { oursUnshared } from '../subjects/all.ts';

const requests = 200;

/** Another document each time, of the same size where the numbers have as many digits: nothing of the last one is remembered. */
function requestOf(query: string, count: number): Buffer {
  const body = JSON.stringify({ query: query.replace('{', `query q${1_000 + count}{`) });
  return requestBytes('POST', '/graphql', { 'content-type': 'application/json' }, body);
}

/** How soon queries are refused that would cost most, and that nothing is sent for them. */
export const measureRefusals: Section = async (stage, options) => {
  const { port } = await stage.kept(oursUnshared(options.entry));
  const rows: string[][] = [];
  let slowestMs = 0;
  for (const [bytes, query] of Object.entries(costlyQueries)) {
    const connection = new Connection(port);
    const before = await stage.upstream.requests();
    const latenciesMs: number[] = [];
    for (let count = 0; count < requests; count += 1) {
      const sentAt = performance.now();
      const answer = await connection.send(requestOf(query, count));
      latenciesMs.push(performance.now() - sentAt);
      if (!/"(COST_LIMIT|GRAPHQL_VALIDATION_FAILED)"/.test(String(answer?.body)))
        throw new Error(`the query of ${bytes} bytes is not refused: ${String(answer?.body).slice(0, 200)}`);
    }
    connection.close();
    const calls = (await stage.upstream.requests()) - before;
    if (calls > 0) throw new Error(`the query of ${bytes} bytes made ${calls} upstream calls`);
    slowestMs = Math.max(slowestMs, ...latenciesMs);
    rows.push([bytes, ...[0.5, 0.95, 1].map((share) => digits(percentile(latenciesMs, share))), `${calls}`]);
  }
  return {
    goals: { refusalMs: { median: slowestMs, min: slowestMs, max: slowestMs } },
    tables: [
      {
        caption: 'Queries that cost most, refused',
        head: ['bytes', 'p50 ms', 'p95 ms', 'worst ms', 'upstream calls'],
        rows,
      },
    ],
  };
};
