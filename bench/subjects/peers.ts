import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { asks } from '../kit/queries.ts';
import type { Subject, Surroundings } from '../kit/subject.ts';
import { graphqlQuestion, startAnswering } from './own.ts';

export const peersDirectory = fileURLToPath(new URL('../peers', import.meta.url));

/** Installs the peers' packages unless they are there. @throws Error with what npm said */
export function installPeers(): void {
  if (existsSync(join(peersDirectory, 'node_modules/.package-lock.json'))) return;
  const { status, stderr } = spawnSync('npm', ['ci', '--ignore-scripts'], { cwd: peersDirectory, encoding: 'utf8' });
  if (status !== 0) throw new Error(`its packages can't be installed: ${stderr.trim().slice(-500)}`);
}

/** A peer with our schema, by its module in bench/peers. */
function serverPeer(name: string, module: string, ...flags: readonly string[]): Subject {
  return {
    name,
    isPeer: true,
    question: graphqlQuestion,
    start: async ({ upstream, world, directory: files }: Surroundings) => {
      installPeers();
      const command = [process.execPath, '--import', 'tsx', join(peersDirectory, module)];
      return startAnswering(
        (port) => ({ command: [...command, `${port}`, upstream.url, world.projectId, ...flags], cwd: peersDirectory }),
        join(files, `${name.replace(/\W+/g, '-')}.log`),
        await graphqlQuestion(asks.q1, world),
      );
    },
  };
}

/** Servers with resolvers of our schema that do the same work. */
export const peers: readonly Subject[] = [
  serverPeer('yoga', 'yoga.js'),
  serverPeer('yoga + JIT', 'yoga.js', '--jit'),
  serverPeer('mercurius + JIT', 'mercurius.js'),
  serverPeer('Apollo Server', 'apollo.js'),
];
