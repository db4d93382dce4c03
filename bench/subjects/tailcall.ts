import { chmodSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { World } from '../kit/fixtures.ts';
import { asks, type Ask } from '../kit/queries.ts';
import type { Question, Subject } from '../kit/subject.ts';
import { startAnswering } from './own.ts';
import { installPeers, peersDirectory } from './peers.ts';
import { fields, wireReference } from './wire.ts';

function typeOf(name: string, rowFields: readonly string[], more = ''): string {
  // A path may not contain what may be null.
  const declared = rowFields.map((field) => `${field}: String${field === 'id' ? '!' : ''}`);
  return `type ${name}List { lists: [${name}] }\ntype ${name} { ${declared.join(' ')} ${more} }`;
}

/** A schema as one would write it by hand: Tailcall's own composer makes no links. */
function schemaOf(port: number, upstream: string, projectId: string): string {
  const http = (path: string, query: Readonly<Record<string, string | number>>): string => {
    const pairs = Object.entries(query).map(([key, value]) => `{ key: "${key}", value: "${value}" }`);
    return `@http(url: "${upstream}/v1/${projectId}${path}", query: [${pairs.join(', ')}])`;
  };
  const ofLeague = { offset: 0, limit: 10 };
  return `
schema @server(port: ${port}, hostname: "127.0.0.1", workers: 1) @upstream { query: Query }
type Query {
  listLeagues: LeagueList ${http('/league-info', { type: 'owned', offset: 0, limit: 20 })}
  listAgents: AgentList ${http('/agents', { offset: 0, limit: 100 })}
}
${typeOf(
  'League',
  fields.league,
  `datasets: DatasetList ${http('/leagues/{{.value.id}}/datasets', ofLeague)}
   instances: InstanceList ${http('/leagues/{{.value.id}}/job-instances', ofLeague)}`,
)}
${typeOf('Agent', fields.agent)}
${typeOf('Dataset', fields.dataset)}
${typeOf('Instance', fields.instance)}
`;
}

function queryOf({ kind }: Ask): string {
  const list = (names: readonly string[], more = ''): string => `{ lists { ${names.join(' ')} ${more} } }`;
  if (kind !== 'overview') return `{ listLeagues ${list(fields.league)} }`;
  const ofLeague = `datasets ${list(fields.dataset)} instances ${list(fields.instance)}`;
  return `{ listLeagues ${list(fields.league, ofLeague)} listAgents ${list(fields.agent)} }`;
}

async function question(ask: Ask, world: World): Promise<Question> {
  const body = JSON.stringify({ query: queryOf(ask) });
  return { method: 'POST', path: ['/graphql'], body, reference: await wireReference(world.recorded, ask) };
}

/** Tailcall, which is written in Rust. */
export const tailcallSubject: Subject = {
  name: 'Tailcall',
  isPeer: true,
  question,
  start: async ({ upstream, world, directory }) => {
    installPeers();
    const binary = join(peersDirectory, 'node_modules/@tailcallhq/core-linux-x64-gnu/bin/tailcall');
    chmodSync(binary, 0o755);
    return startAnswering(
      (port) => {
        const file = join(directory, 'tailcall.graphql');
        writeFileSync(file, schemaOf(port, upstream.url, world.projectId));
        return {
          command: [binary, 'start', file],
          cwd: directory,
          env: { TC_TRACKER: 'false', TC_LOG_LEVEL: 'error' },
        };
      },
      join(directory, 'tailcall.log'),
      await question(asks.q1, world),
    );
  },
};
