/**
 * Subscribers in a process of their own, so that what they weigh and do is not the gateway's. The parent process sends one task
 * after another and is told when each is done, and whenever all who watch a run have been told of a change.
 */
import { setTimeout as wait } from 'node:timers/promises';
import { connect, type Answer, type Change, type Connection, type Transport } from './liveTransports.ts';

/** Subscribers, and what they subscribe to. */
export interface Subscribers {
  readonly transport: Transport;
  readonly url: string;
  readonly query: string;
  /** The run of each subscriber. */
  readonly ids: readonly string[];
  /** So many share a connection. */
  readonly aConnection: number;
}

/** What the parent asks for. */
export type Task =
  /** All subscribe; done when each has had its first event. */
  | (Subscribers & { readonly kind: 'subscribe' })
  /** All leave. */
  | { readonly kind: 'leave' }
  /** Each leaves after its first event: half of them properly, the others by closing their connection. */
  | (Subscribers & { readonly kind: 'comeAndGo' });

/** What the parent is told. */
export type Told =
  | { readonly kind: 'ready' | 'done' }
  | { readonly kind: 'failed'; readonly message: string }
  /** A subscription ended that nobody had left. */
  | { readonly kind: 'lost'; readonly message: string }
  /** All subscribers of a run have had an event, the last one at `lastAtMs` by the time of day. */
  | {
      readonly kind: 'toldToAll';
      readonly id: string;
      readonly observedAt: string;
      readonly lastAtMs: number;
    };

function tell(told: Told): void {
  return void process.send?.(told);
}

function refusalOf(answer: Answer | undefined) {
  return answer?.errors?.[0]?.extensions;
}

/** Subscribes, again and again where the gateway says to come back later, until the first event has come. */
async function subscribe(
  connection: Connection,
  id: string,
  changed: (change: Change) => void = () => undefined,
): Promise<() => void> {
  for (;;) {
    let leave = (): void => undefined;
    const first = await new Promise<Answer | undefined>((resolve) => {
      leave = connection.subscribe({ id }, (answer) => {
        resolve(answer);
        if (answer?.data !== undefined) changed(answer.data.instanceStatus);
        else if (refusalOf(answer)?.code !== 'OVERLOADED') tell({ kind: 'lost', message: JSON.stringify(answer) });
      });
    });
    const { code, retryAfter = 1 } = refusalOf(first) ?? {};
    if (code !== 'OVERLOADED') return leave;
    await wait(retryAfter * 1_000);
  }
}

/** Connects as often as the subscribers need, some side by side. */
async function onConnections(
  { transport, url, query, ids, aConnection }: Subscribers,
  use: (connection: Connection, ids: readonly string[]) => Promise<void>,
): Promise<void> {
  let next = 0;
  const worker = async (): Promise<void> => {
    while (next < ids.length) {
      const carried = ids.slice(next, next + aConnection);
      next += aConnection;
      await use(await connect(transport, url, query), carried);
    }
  };
  await Promise.all(Array.from({ length: 8 }, worker));
}

/** Counts who was told what. */
function createCounter(ids: readonly string[]) {
  const watchers = new Map<string, number>();
  for (const id of ids) watchers.set(id, (watchers.get(id) ?? 0) + 1);
  const told = new Map<string, number>();
  return (id: string, { observedAt, previousStatus, sequence }: Change): void => {
    // The first event of each is no change.
    if (previousStatus === null) return;
    const key = `${id} ${sequence}`;
    const count = (told.get(key) ?? 0) + 1;
    told.set(key, count);
    if (count === watchers.get(id)) tell({ kind: 'toldToAll', id, observedAt, lastAtMs: Date.now() });
  };
}

const kept = new Set<Connection>();

async function carryOut(task: Task): Promise<void> {
  if (task.kind === 'leave') {
    kept.forEach(({ close }) => close());
    return kept.clear();
  }
  if (task.kind === 'comeAndGo')
    return onConnections(task, async (connection, ids) => {
      const leaving = await Promise.all(ids.map((id) => subscribe(connection, id)));
      leaving.slice(0, leaving.length / 2).forEach((leave) => leave());
      connection.close();
    });
  const changed = createCounter(task.ids);
  return onConnections(task, async (connection, ids) => {
    kept.add(connection);
    await Promise.all(ids.map((id) => subscribe(connection, id, (change) => changed(id, change))));
  });
}

process.on('message', (task: Task) => {
  carryOut(task).then(
    () => tell({ kind: 'done' }),
    (error: unknown) => tell({ kind: 'failed', message: String(error) }),
  );
});
process.once('disconnect', () => process.exit());
tell({ kind: 'ready' });
