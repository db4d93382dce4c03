import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { World } from '../kit/fixtures.ts';
import { asks, type Ask } from '../kit/queries.ts';
import type { Question, Subject } from '../kit/subject.ts';
import { startAnswering } from './own.ts';
import { installPeers, peersDirectory } from './peers.ts';
import { fields, wireReference } from './wire.ts';

const contract = fileURLToPath(new URL('../../schema/tics-space.openapi.yaml', import.meta.url));

function select(type: string, names: readonly string[], more = ''): string {
  return `{ ... on ${type} { lists { ${names.join(' ')} ${more} } } }`;
}

/** The same calls and rows as Q1 and Q2. Fields have the names of the wire, since the schema is made from the contract. */
function queryOf({ projectId }: World, ask: Ask): string {
  const ofLeague = `datasets ${select('LeagueDatasetRowList', fields.dataset)}
    instances ${select('LeagueInstanceRowList', fields.instance)}`;
  const isOverview = ask.kind === 'overview';
  const leagues = `listLeagues(project_id: "${projectId}", type: owned, offset: 0, limit: 20) ${select(
    'LeagueRowList',
    fields.league,
    isOverview ? ofLeague : '',
  )}`;
  const agents = `listAgents(project_id: "${projectId}", offset: 0, limit: 100) ${select('AgentRowList', fields.agent)}`;
  return `{ ${leagues} ${isOverview ? agents : ''} }`;
}

async function question(ask: Ask, world: World): Promise<Question> {
  const body = JSON.stringify({ query: queryOf(world, ask) });
  return { method: 'POST', path: ['/graphql'], body, reference: await wireReference(world.recorded, ask) };
}

/** Hive Gateway on a schema that Mesh composes from our contract of the space plane. */
export const hiveSubject: Subject = {
  name: 'Hive Gateway',
  isPeer: true,
  question,
  start: async ({ upstream, world, directory }) => {
    installPeers();
    const supergraph = join(directory, 'hive.graphql');
    const { status, stdout, stderr } = spawnSync(
      process.execPath,
      [join(peersDirectory, 'node_modules/.bin/mesh-compose'), '-c', 'mesh.config.js', '-o', supergraph],
      {
        cwd: peersDirectory,
        encoding: 'utf8',
        env: { PATH: process.env['PATH'], UPSTREAM: upstream.url, PROJECT_ID: world.projectId, CONTRACT: contract },
      },
    );
    if (status !== 0) throw new Error(`its schema can't be composed: ${`${stdout}${stderr}`.trim().slice(-500)}`);
    const bin = join(peersDirectory, 'node_modules/.bin/hive-gateway');
    return startAnswering(
      (port) => ({
        command: [process.execPath, bin, 'supergraph', supergraph, '-h', '127.0.0.1', '-p', `${port}`],
        cwd: peersDirectory,
      }),
      join(directory, 'hive.log'),
      await question(asks.q1, world),
    );
  },
};
