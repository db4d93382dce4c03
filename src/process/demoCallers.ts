import { mkdirSync, rmSync } from 'node:fs';
import { roleNames, type Role } from '../callers/caller.ts';
import { keyFileIn } from '../callers/keyFile.ts';
import { createKey, type KeyRequest } from '../callers/keys.ts';
import type { Config } from '../config/config.ts';
import { deleteOrphanedTemporaryFiles, temporaryPath } from '../files.ts';

/** The command line option that enables them. */
export const demoSwitch = '--callers';

/** Callers for trying out authentication. They are deleted when the process exits. */
export interface DemoCallers {
  /** Replaces these keys of the configuration file. */
  readonly config: Pick<Config, 'callers' | 'dataDirectory'>;
  /** Creates a key for each role, and one for a viewer of a single league. */
  readonly makeKeys: (leagueId: string | undefined) => void;
  /** The created keys, for the terminal. */
  readonly text: () => string;
}

/** Callers for the embedded TICS: API keys, and tokens of TICS. */
export function createDemoCallers(): DemoCallers {
  deleteOrphanedTemporaryFiles();
  const dataDirectory = temporaryPath();
  mkdirSync(dataDirectory, { mode: 0o700 });
  process.once('exit', () => rmSync(dataDirectory, { recursive: true, force: true }));
  let text = '';
  return {
    config: { callers: { keys: {}, passThrough: {} }, dataDirectory },
    makeKeys: (leagueId) => {
      const request = (name: string, role: Role, leagues: KeyRequest['leagues'] = 'ALL'): KeyRequest => ({
        name,
        roles: [role],
        leagues,
        expiresAt: null,
      });
      const requests = roleNames.map((role) => request(role.toLowerCase(), role));
      if (leagueId !== undefined) requests.push(request('viewer-of-one-league', 'VIEWER', [leagueId]));
      const made = requests.map((asked) => createKey(asked));
      keyFileIn(dataDirectory).write(made.map(({ key }) => key));
      text = made.map((one) => `  X-Api-Key: ${one.text}  ${one.key.name}\n`).join('');
    },
    text: () => text,
  };
}
