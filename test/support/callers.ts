import type { Role } from '../../src/callers/caller.ts';
import { keyFileIn } from '../../src/callers/keyFile.ts';
import { createKey, type ApiKey } from '../../src/callers/keys.ts';
import { makeDirectory } from './directory.ts';

/** Keys in a data directory of their own. */
export interface Keys {
  readonly dataDirectory: string;
  /** Adds a key, and answers its text and id. */
  readonly add: (
    name: string,
    roles: readonly Role[],
    more?: Partial<Pick<ApiKey, 'leagues' | 'expiresAt'>>,
  ) => { readonly text: string; readonly id: string };
  readonly revoke: (id: string) => void;
  /** Writes it with other rights, as an operator who edits the file. */
  readonly change: (id: string, more: Partial<Pick<ApiKey, 'leagues' | 'roles'>>) => void;
}

export function makeKeys(): Keys {
  const dataDirectory = makeDirectory();
  const file = keyFileIn(dataDirectory);
  return {
    dataDirectory,
    add: (name, roles, more = {}) => {
      const { text, key } = createKey({ name, roles: [...roles], leagues: 'ALL', expiresAt: null, ...more });
      file.write([...file.read(), key]);
      return { text, id: key.id };
    },
    change: (id, more) => file.write(file.read().map((key) => (key.id === id ? { ...key, ...more } : key))),
    revoke: (id) =>
      file.write(file.read().map((key) => (key.id === id ? { ...key, revokedAt: new Date().toISOString() } : key))),
  };
}
