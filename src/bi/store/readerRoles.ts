import { createHash, createHmac, pbkdf2Sync, randomBytes } from 'node:crypto';
import pg from 'pg';
import { quoted, schemas } from '../model/ddl.ts';
import { createTables } from './postgres.ts';

/** A key that is to read by SQL, too. */
export interface SqlReader {
  /** Of the key: its role is named by it. */
  readonly id: string;
  readonly leagues: 'ALL' | readonly string[];
  /** ISO 8601; null: never. */
  readonly expiresAt: string | null;
}

/** What was done, or is to be done by someone who may. */
export interface RoleChange {
  readonly role: string;
  readonly isDone: boolean;
  /** For an administrator, where the role of `DATABASE_URL` may not do it. */
  readonly sql: string;
}

const iterations = 4096;

/** Sessions of one key at a time. */
const connectionLimit = 8;

/** Settings of its sessions. They keep mistakes small; what a role may see and do is held by grants and policies. */
const settings = {
  default_transaction_read_only: 'on',
  statement_timeout: '60s',
  idle_in_transaction_session_timeout: '60s',
  search_path: schemas.current,
} as const;

/** The role of a key. */
export function roleOf({ id }: Pick<SqlReader, 'id'>): string {
  return `tics_bi_${id}`;
}

function hmac(key: Buffer, text: string): Buffer {
  return createHmac('sha256', key).update(text).digest();
}

/** What Postgres keeps of a password (RFC 5803): the password itself is sent nowhere. */
export function scramVerifier(password: string, salt: Buffer = randomBytes(16)): string {
  const salted = pbkdf2Sync(password, salt, iterations, 32, 'sha256');
  const storedKey = createHash('sha256').update(hmac(salted, 'Client Key')).digest('base64');
  const serverKey = hmac(salted, 'Server Key').toString('base64');
  return `SCRAM-SHA-256$${iterations}:${salt.toString('base64')}$${storedKey}:${serverKey}`;
}

function literal(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}

/** Values are ids and instants that the file of keys was checked for; statements of roles take no parameters. */
function creation(reader: SqlReader, password: string, owner: string): readonly string[] {
  const name = roleOf(reader);
  const role = quoted(name);
  const { leagues, expiresAt } = reader;
  const seen = leagues === 'ALL' ? 'NULL' : `ARRAY[${leagues.map(literal).join(', ')}]::text[]`;
  const expires = expiresAt === null ? 'NULL' : literal(expiresAt);
  const until = expiresAt === null ? '' : ` VALID UNTIL ${expires}`;
  return [
    `CREATE ROLE ${role} LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOBYPASSRLS CONNECTION LIMIT ${connectionLimit} PASSWORD ${literal(scramVerifier(password))}${until}`,
    ...Object.entries(settings).map(([setting, value]) => `ALTER ROLE ${role} SET ${setting} = ${literal(value)}`),
    // Its sessions can be ended, and what it was granted taken back, by the gateway's own role.
    `GRANT ${role} TO ${quoted(owner)}`,
    `GRANT USAGE ON SCHEMA ${schemas.current} TO ${role}`,
    `GRANT SELECT ON ALL TABLES IN SCHEMA ${schemas.current} TO ${role}`,
    `ALTER DEFAULT PRIVILEGES FOR ROLE ${quoted(owner)} IN SCHEMA ${schemas.current} GRANT SELECT ON TABLES TO ${role}`,
    `INSERT INTO ${schemas.access}.reader (role_name, leagues, expires_at) VALUES (${literal(name)}, ${seen}, ${expires}) ON CONFLICT (role_name) DO UPDATE SET leagues = EXCLUDED.leagues, expires_at = EXCLUDED.expires_at`,
  ];
}

/** It sees nothing and lets nobody in from the first statement on; then its sessions end. */
function removal(name: string): readonly string[] {
  const role = quoted(name);
  return [
    `DELETE FROM ${schemas.access}.reader WHERE role_name = ${literal(name)}`,
    `ALTER ROLE ${role} NOLOGIN`,
    `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = ${literal(name)}`,
    `DROP OWNED BY ${role}`,
    `DROP ROLE ${role}`,
  ];
}

const forbidden = '42501';

function isForbidden(error: unknown): boolean {
  return error instanceof pg.DatabaseError && error.code === forbidden;
}

/** Runs all of the statements or none. */
async function runWhole(client: pg.Client, statements: readonly string[]): Promise<boolean> {
  await client.query('BEGIN');
  try {
    for (const statement of statements) await client.query(statement);
    await client.query('COMMIT');
    return true;
  } catch (error) {
    await client.query('ROLLBACK');
    if (isForbidden(error)) return false;
    throw error;
  }
}

/** Each takes effect at once: a session ends only after its role can't log in any more. */
async function runInSteps(client: pg.Client, statements: readonly string[]): Promise<boolean> {
  try {
    for (const statement of statements) await client.query(statement);
    return true;
  } catch (error) {
    if (isForbidden(error)) return false;
    throw error;
  }
}

async function withClient<Answer>(url: string, work: (client: pg.Client) => Promise<Answer>): Promise<Answer> {
  const client = new pg.Client({ connectionString: url, application_name: 'tics-gateway' });
  client.on('error', () => undefined);
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}

function script(statements: readonly string[]): string {
  return statements.map((statement) => `${statement};\n`).join('');
}

/**
 * Makes the login role of a key in a Postgres: it reads the tables, the rows of its leagues alone.
 *
 * @param url - `postgres://…`, as the gateway connects
 * @param password - the key; Postgres gets a verifier of it
 */
export async function createReaderRole(url: string, reader: SqlReader, password: string): Promise<RoleChange> {
  return withClient(url, async (client) => {
    await createTables(client);
    const { rows } = await client.query<{ owner: string }>('SELECT current_user AS owner');
    const statements = creation(reader, password, rows[0]?.owner ?? '');
    return { role: roleOf(reader), isDone: await runWhole(client, statements), sql: script(statements) };
  });
}

/** Ends the role of a key and its sessions; undefined where the key has none. */
export async function removeReaderRole(url: string, reader: Pick<SqlReader, 'id'>): Promise<RoleChange | undefined> {
  const role = roleOf(reader);
  return withClient(url, async (client) => {
    const { rowCount } = await client.query('SELECT FROM pg_roles WHERE rolname = $1', [role]);
    if (rowCount === 0) return undefined;
    const statements = removal(role);
    return { role, isDone: await runInSteps(client, statements), sql: script(statements) };
  });
}
