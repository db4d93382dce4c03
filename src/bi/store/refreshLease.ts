import pg from 'pg';
import { quoted, schemas } from '../model/ddl.ts';

/** Held by the one process that refreshes a store, of those that share it. */
export interface RefreshLease {
  readonly isHeld: () => boolean;
  /** Calls back when this process holds it from then on. */
  readonly onHeld: (listener: () => void) => void;
  /** Calls back when another process has refreshed the tables, with the id of the request it answers, or an empty one. */
  readonly onRefreshed: (listener: (requestId: string) => void) => void;
  /** Calls back when another process requests a refresh. */
  readonly onRequest: (listener: (requestId: string) => void) => void;
  /** Calls back when another process has seen states of runs, with each text that it passed to `publishWatched`. */
  readonly onWatched: (listener: (text: string) => void) => void;
  readonly publishRefreshed: (requestId?: string) => Promise<void>;
  /** Requests a refresh of the process that holds it. */
  readonly request: (requestId: string) => Promise<void>;
  /** Tells the process that holds it of states of runs, one a text. */
  readonly publishWatched: (texts: readonly string[]) => Promise<void>;
}

/** Of a store that no other process can open. */
export const ownLease: RefreshLease = {
  isHeld: () => true,
  onHeld: () => undefined,
  onRefreshed: () => undefined,
  onRequest: () => undefined,
  onWatched: () => undefined,
  publishRefreshed: () => Promise.resolve(),
  request: () => Promise.resolve(),
  publishWatched: () => Promise.resolve(),
};

/** The two halves of the key of an advisory lock, as `pg_locks` shows them. */
interface AdvisoryLock {
  readonly classid: number;
  readonly objid: number;
}

/** That of whoever refreshes. */
const lock: AdvisoryLock = { classid: 0x62695f72, objid: 1 };

const channel = 'tics_gateway_bi';

/** How often a process that does not have the lock tries to get it, and one without a connection to connect. */
const tryEveryMs = 1_000;

/** Names of notifications, each followed by the id of a request, or by what was watched. */
const notifications = ['REFRESHED', 'REQUESTED', 'WATCHED'] as const;
type Notification = (typeof notifications)[number];

/** Every role may notify on every channel: readers of the tables too, who are not listened to. */
async function mayWrite(client: pg.Client, pid: number): Promise<boolean> {
  const text = "SELECT 1 FROM pg_stat_activity WHERE pid = $1 AND has_table_privilege(usesysid, $2, 'INSERT')";
  const table = `${schemas.current}.${quoted('job_instance')}`;
  return client.query(text, [pid, table]).then(
    ({ rowCount }) => rowCount === 1,
    // The connection is gone: the next one reloads.
    () => false,
  );
}

/** Every role may take every advisory lock. The sessions of those who may not write are ended where they have one of a gateway's, or wait for it. */
export async function endReadersWith(
  { classid, objid }: AdvisoryLock,
  client: Pick<pg.Client, 'query'>,
): Promise<void> {
  const text = `SELECT pg_terminate_backend(pid) FROM pg_locks JOIN pg_stat_activity USING (pid)
    WHERE locktype = 'advisory' AND classid::bigint = $1 AND objid::bigint = $2
      AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
      AND NOT has_table_privilege(usesysid, $3, 'INSERT')`;
  const table = `${schemas.current}.${quoted('job_instance')}`;
  // Where the gateway's role may not, an administrator can.
  await client.query(text, [classid, objid, table]).catch(() => undefined);
}

/**
 * An advisory lock of Postgres (PostgreSQL manual, 13.3.5), held by a session: it is free again as soon as the process is gone,
 * and nobody else can have it while a process is only stopped. Writes make sure of it; see {@link PostgresLease.assertHeld}.
 */
export class PostgresLease implements RefreshLease {
  readonly #url: string;
  readonly #onHeld = new Set<() => void>();
  readonly #listeners: Readonly<Record<Notification, Set<(text: string) => void>>> = {
    REFRESHED: new Set(),
    REQUESTED: new Set(),
    WATCHED: new Set(),
  };
  #client: pg.Client | undefined;
  /** The session that holds the lock. */
  #heldBy: number | undefined;
  #timer: NodeJS.Timeout | undefined;
  #isClosed = false;

  private constructor(url: string) {
    this.#url = url;
  }

  /** Connects, and takes the lock where it is free. */
  static async open(url: string): Promise<PostgresLease> {
    const lease = new PostgresLease(url);
    await lease.#connect();
    await lease.#try();
    return lease;
  }

  isHeld(): boolean {
    return this.#heldBy !== undefined;
  }

  onHeld(listener: () => void): void {
    this.#onHeld.add(listener);
  }

  onRefreshed(listener: (requestId: string) => void): void {
    this.#listeners.REFRESHED.add(listener);
  }

  onRequest(listener: (requestId: string) => void): void {
    this.#listeners.REQUESTED.add(listener);
  }

  onWatched(listener: (text: string) => void): void {
    this.#listeners.WATCHED.add(listener);
  }

  publishRefreshed(requestId = ''): Promise<void> {
    return this.#notify('REFRESHED', requestId);
  }

  request(requestId: string): Promise<void> {
    return this.#notify('REQUESTED', requestId);
  }

  publishWatched(texts: readonly string[]): Promise<void> {
    return this.#notify('WATCHED', ...texts);
  }

  /**
   * Makes sure, in the transaction of a write, that the session that holds the lock still does.
   *
   * @throws Error when another process may refresh by now
   */
  async assertHeld(client: pg.PoolClient): Promise<void> {
    const { rowCount } = await client.query(
      `SELECT 1 FROM pg_locks WHERE locktype = 'advisory' AND granted AND pid = $1 AND classid::bigint = $2 AND objid::bigint = $3
         AND database = (SELECT oid FROM pg_database WHERE datname = current_database())`,
      [this.#heldBy ?? 0, lock.classid, lock.objid],
    );
    if (rowCount === 0) throw new Error('Another gateway refreshes these tables.');
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    clearTimeout(this.#timer);
    this.#heldBy = undefined;
    await this.#client?.end();
  }

  async #connect(): Promise<void> {
    const client = new pg.Client({ connectionString: this.#url, application_name: 'tics-gateway', keepAlive: true });
    client.on('error', () => undefined);
    client.on('end', () => this.#lost(client));
    client.on('notification', ({ payload = '', processId }) => {
      const name = notifications.find((one) => payload.startsWith(`${one} `));
      if (name === undefined || processId === this.#pidOf(client)) return;
      void mayWrite(client, processId).then((isGateway) => {
        if (isGateway) this.#listeners[name].forEach((listener) => listener(payload.slice(name.length + 1)));
      });
    });
    await client.connect();
    await client.query(`LISTEN ${channel}`);
    this.#client = client;
    // Notifications sent meanwhile are lost.
    this.#listeners.REFRESHED.forEach((listener) => listener(''));
  }

  /** The process of the server that a session is. */
  #pidOf(client: pg.Client): number | undefined {
    // pg has it, its types do not.
    return (client as pg.Client & { readonly processID?: number }).processID;
  }

  #lost(client: pg.Client): void {
    if (this.#client !== client) return;
    this.#client = undefined;
    this.#heldBy = undefined;
    this.#schedule();
  }

  #schedule(): void {
    clearTimeout(this.#timer);
    if (!this.#isClosed && !this.isHeld()) this.#timer = setTimeout(() => void this.#tryAgain(), tryEveryMs).unref();
  }

  async #tryAgain(): Promise<void> {
    try {
      if (this.#client === undefined) await this.#connect();
      await this.#try();
    } catch {
      this.#schedule();
    }
  }

  async #try(): Promise<void> {
    const client = this.#client;
    const answer = await client?.query<{ held: boolean }>('SELECT pg_try_advisory_lock($1, $2) AS held', [
      lock.classid,
      lock.objid,
    ]);
    if (client === undefined || this.#client !== client) return this.#schedule();
    if (answer?.rows[0]?.held !== true) {
      await endReadersWith(lock, client);
      return this.#schedule();
    }
    this.#heldBy = this.#pidOf(client);
    this.#onHeld.forEach((listener) => listener());
  }

  async #notify(name: Notification, ...texts: readonly string[]): Promise<void> {
    const payloads = texts.map((text) => `${name} ${text}`);
    await this.#client
      ?.query('SELECT pg_notify($1, payload) FROM unnest($2::text[]) payload', [channel, payloads])
      .catch(() => undefined);
  }
}
