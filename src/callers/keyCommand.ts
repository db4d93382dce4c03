import { parseArgs } from 'node:util';
import { messageOf } from '../errors.ts';
import type { SharedKeys } from '../shared/keys.ts';
import { isRole, roleNames, type Role } from './caller.ts';
import { keyFileIn } from './keyFile.ts';
import { createKey, type ApiKey } from './keys.ts';
import { allKeys, changeKeys } from './replicaKeys.ts';

const roleChoices = roleNames.map((name) => name.toLowerCase()).join(', ');

const usage = `usage: key create --name <name> --role <role> [--league <id>] [--expires <when>] [--sql]
       key list
       key revoke <id>

  --name     who uses it; an old and a new key may have the same name
  --role     ${roleChoices}; may be given several times
  --league   id of a league that it may see; may be given several times; without it, all
  --expires  a date or instant such as 2027-01-31, or a number of days such as 90d; without it, never
  --sql      also makes a login role in the Postgres of DATABASE_URL: it reads the tables for BI tools, with the key as password
`;

/** The other replicas could not be notified. */
const notPublished =
  'Redis does not answer. Replicas that use this data directory apply the change now, and tell the others when it answers.\n';

/** Invalid arguments. The message explains the usage. */
class UsageError extends Error {}

/** Outcome for the login role of a key: done, or SQL for an administrator. */
interface RoleChange {
  readonly role: string;
  readonly isDone: boolean;
  /** For an administrator, where the gateway's own role may not do it. */
  readonly sql: string;
}

/** Login roles of keys in the Postgres of BI. */
export interface KeyRoles {
  /** Where the roles log in: host, port and database. */
  readonly address: string;
  readonly create: (key: ApiKey, text: string) => Promise<RoleChange>;
  /** Ends the role and its sessions; undefined where the key has none. */
  readonly remove: (key: ApiKey) => Promise<RoleChange | undefined>;
}

/** Where a command reads and writes. */
export interface KeyCommandOptions {
  /** The data directory, which is there. */
  readonly directory: string;
  readonly write: (text: string) => void;
  /** Left out where no Postgres is configured. */
  readonly sql?: KeyRoles | undefined;
  /** The keys of all replicas. Left out: this is the only one. */
  readonly shared?: SharedKeys | undefined;
  readonly nowMs?: number;
}

function roleOf(text: string): Role {
  const name = text.toUpperCase();
  if (isRole(name)) return name;
  throw new UsageError(`--role: one of ${roleChoices}.`);
}

function leagueIdOf(text: string): string {
  const id = text.replace(/^League:/, '');
  if (/^[0-9A-Za-z_-]{1,64}$/.test(id)) return id;
  throw new UsageError('--league: the id of a league.');
}

/** The last instant whose year has four digits, as dates in the file of keys have. */
const latestMs = Date.UTC(9999, 11, 31);

function instantOf(text: string, nowMs: number): string {
  const [, days] = /^(\d{1,5})d$/.exec(text) ?? [];
  const untilMs = days === undefined ? Date.parse(text) : nowMs + Number(days) * 86_400_000;
  if (!(untilMs > nowMs && untilMs <= latestMs))
    throw new UsageError('--expires: a date to come, such as 2027-01-31, or a number of days, such as 90d.');
  return new Date(untilMs).toISOString();
}

function readOptions(args: readonly string[]) {
  try {
    const { values, positionals } = parseArgs({
      args: [...args],
      allowPositionals: true,
      options: {
        name: { type: 'string' },
        role: { type: 'string', multiple: true },
        league: { type: 'string', multiple: true },
        expires: { type: 'string' },
        sql: { type: 'boolean' },
      },
    });
    return { values, positionals };
  } catch (error) {
    throw new UsageError(messageOf(error).split('\n')[0]);
  }
}

function expiryOf(expiresAt: string | null, nowMs: number): string {
  if (expiresAt === null) return 'never expires';
  return `${Date.parse(expiresAt) > nowMs ? 'expires' : 'expired'} ${expiresAt}`;
}

function lineOf({ id, name, roles: held, leagues, createdAt, expiresAt, revokedAt }: ApiKey, nowMs: number): string {
  const state = revokedAt === null ? expiryOf(expiresAt, nowMs) : `revoked ${revokedAt}`;
  const seen = leagues === 'ALL' ? 'all leagues' : leagues.join(',');
  return [id, name, held.join(',').toLowerCase(), seen, `created ${createdAt}`, state].join('  ');
}

function roleLines({ role, isDone, sql }: RoleChange, done: string): string {
  return isDone
    ? `Role ${role}: ${done}\n`
    : `The role of DATABASE_URL may not do this. For an administrator:\n\n${sql}`;
}

async function create(
  args: ReturnType<typeof readOptions>['values'],
  { directory, write, sql, shared, nowMs = Date.now() }: KeyCommandOptions,
): Promise<void> {
  const { name, role = [], league = [], expires, sql: isForSql } = args;
  if (isForSql && sql === undefined) throw new UsageError('--sql: needs DATABASE_URL, or bi.databaseUrl.');
  if (!name || name.length > 100) throw new UsageError('--name: who uses the key, at most 100 characters.');
  if (role.length === 0) throw new UsageError(`--role: one of ${roleChoices}.`);
  const file = keyFileIn(directory);
  const { text, key } = createKey(
    {
      name,
      roles: [...new Set(role.map(roleOf))],
      leagues: league.length === 0 ? 'ALL' : [...new Set(league.map(leagueIdOf))],
      expiresAt: expires === undefined ? null : instantOf(expires, nowMs),
    },
    nowMs,
  );
  // First: a key without its role is of no use where one was asked for.
  const created = isForSql ? await sql?.create(key, text) : undefined;
  const isPublished = await changeKeys({ file, shared }, (keys) => [...keys.filter(({ id }) => id !== key.id), key]);
  if (!isPublished) write(notPublished);
  write(`${text}\n\nThe key is shown this once. ${lineOf(key, nowMs)}\n`);
  if (created !== undefined)
    write(roleLines(created, `postgres://${created.role}@${sql?.address ?? ''}, with the key as password.`));
}

async function revoke(
  id: string | undefined,
  { directory, write, sql, shared, nowMs = Date.now() }: KeyCommandOptions,
): Promise<void> {
  const file = keyFileIn(directory);
  const keys = allKeys(file, shared);
  const key = keys.find((one) => one.id === id);
  if (key === undefined) throw new UsageError('revoke: the id of a key, as `key list` shows it.');
  const revokedAt = key.revokedAt ?? new Date(nowMs).toISOString();
  const isPublished = await changeKeys({ file, shared }, (all) =>
    all.map((one) => (one.sha256 === key.sha256 ? { ...key, revokedAt } : one)),
  );
  write(`${key.id} is revoked: running gateways refuse it within a second.\n`);
  if (!isPublished) write(notPublished);
  const removed = await sql?.remove(key);
  if (removed !== undefined) write(roleLines(removed, 'it is gone, and its sessions have ended.'));
}

/**
 * `key create`, `key list` and `key revoke`, on the keys of a data directory.
 *
 * @returns the exit code
 * @throws Error when the file of keys has a fault
 */
export async function runKeyCommand(args: readonly string[], options: KeyCommandOptions): Promise<number> {
  const { directory, write, nowMs = Date.now() } = options;
  try {
    const { values, positionals } = readOptions(args);
    const [command, id, ...others] = positionals;
    // Of several ids one alone would be revoked.
    if (others.length > 0 || (id !== undefined && command !== 'revoke'))
      throw new UsageError('key: one command at a time, and one id.');
    if (command === 'create') await create(values, options);
    else if (command === 'list')
      allKeys(keyFileIn(directory), options.shared).forEach((key) => write(`${lineOf(key, nowMs)}\n`));
    else if (command === 'revoke') await revoke(id, options);
    else throw new UsageError('key: create, list or revoke.');
    return 0;
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    write(`${error.message}\n\n${usage}`);
    return 2;
  }
}
