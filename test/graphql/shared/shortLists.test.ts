import type { IncomingHttpHeaders } from 'node:http';
import { Agent, fetch } from 'undici';
import { expect, test } from 'vitest';
import { askGateway, configFor, gatewayFor, useStage, type AnswerError } from '../../support/gateway.ts';
import { useUpstreamServers } from '../../support/upstreamServer.ts';
import { walk, type PageAnswer } from '../../support/walk.ts';

const stage = useStage();
const servers = useUpstreamServers(stage);

function passedOn(headers: IncomingHttpHeaders): Record<string, string> {
  const { host, connection, 'content-length': length, 'transfer-encoding': coding, ...others } = headers;
  return others as Record<string, string>;
}

/** A gateway of an agent whose list stops: 20 of 130 rows, then empty pages. */
async function gatewayOfShortLists(path: RegExp) {
  const tics = configFor(stage.sandbox);
  const [agent] = tics.agents;
  if (agent === undefined) throw new Error('there is no agent');
  const dispatcher = new Agent({ connect: { ca: agent.certificate } });
  servers.closeLater(() => dispatcher.close());
  const { origin } = await servers.serve((request, response) => {
    const url = new URL(request.url ?? '', agent.url);
    const offset = Number(url.searchParams.get('offset'));
    const limit = Number(url.searchParams.get('limit'));
    const rows = Array.from({ length: 20 }, (_, row) => rowOf(row, url.pathname)).slice(offset, offset + limit);
    response.setHeader('content-type', 'application/json');
    if (path.test(url.pathname)) response.end(JSON.stringify({ lists: rows, total: 130 }));
    else
      void request
        .toArray()
        .then((chunks: Buffer[]) =>
          fetch(url, {
            method: request.method ?? 'GET',
            dispatcher,
            headers: passedOn(request.headers),
            ...(chunks.length > 0 && { body: Buffer.concat(chunks) }),
          }),
        )
        .then(async (answer) =>
          response
            .writeHead(answer.status, { 'content-type': answer.headers.get('content-type') ?? '' })
            .end(Buffer.from(await answer.arrayBuffer())),
        );
  });
  const gateway = gatewayFor({ ...tics, agents: [{ ...agent, url: origin }] });
  servers.closeLater(() => gateway.close());
  return gateway;
}

function rowOf(row: number, path: string) {
  const id = `row${row}`;
  return {
    id,
    name: id,
    job_id: id,
    job_name: id,
    ...(path.endsWith('/fl-jobs') && { job_type: 'HFL' }),
    create_time: 1_700_000_000_000 - row,
  };
}

const filters = { jobs: 'filter: { name: "x" }', instances: 'filter: { jobName: "x" }' };

test.each([
  ['listSqlJobs', '7.8.4', /\/sql-jobs$/, `jobs(types: [SQL], ${filters.jobs}`],
  ['listFlJobs', '7.9.6', /\/fl-jobs$/, `jobs(types: [HFL, VFL], ${filters.jobs}`],
  ['listPredictionJobs', '7.10.1', /\/fl-predicted-jobs$/, 'jobs(types: [PREDICT]'],
  ['listPredictionJobs', '7.10.1', /\/fl-predicted-jobs$/, `jobs(types: [PREDICT], ${filters.jobs}`],
  ['listJobInstances', '7.11.5', /\/job-instances$/, `instances(${filters.instances}`],
  ['listJobInstances', '7.11.5', /\/job-instances$/, 'instances(orderBy: STARTED_AT_ASC'],
])('a list of %s (%s) that stops before its total says so (%s, %s)', async (call, _, path, field) => {
  const gateway = await gatewayOfShortLists(path);
  const league = stage.sandbox.agents[0]?.leagueId ?? stage.sandbox.world.agents[0]?.leagueId;
  for (const first of [1, 7, 100]) {
    const faults: AnswerError[] = [];
    const { rows } = await walk(async (after) => {
      const { data, errors = [] } = await askGateway<{ league: { list: PageAnswer<{ ticsId: string }> } }>(
        gateway,
        `query ($league: ID!, $first: Int, $after: String) {
          league(id: $league) { list: ${field}, first: $first, after: $after) {
            nodes { ticsId } pageInfo { hasNextPage endCursor }
          } }
        }`,
        { league, first, after },
      );
      faults.push(...errors);
      const { list } = data.league;
      // What goes on can be gone on with.
      if (list.pageInfo.hasNextPage) expect(list.pageInfo.endCursor).not.toBe(after);
      return list;
    });
    expect(rows.map(({ ticsId }) => ticsId).filter((id) => id.startsWith('row'))).toEqual(
      Array.from({ length: 20 }, (__, row) => `row${row}`),
    );
    expect(faults.length).toBeGreaterThan(0);
    for (const { extensions } of faults) expect(extensions).toMatchObject({ code: 'UPSTREAM_INVALID_ANSWER', call });
  }
});
