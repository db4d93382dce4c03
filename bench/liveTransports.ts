import { once } from 'node:events';
import { Agent, request } from 'node:http';
import { WebSocket } from 'ws';

/** How subscribers reach the gateway. */
export type Transport = 'WebSocket' | 'SSE';

/** An answer, as far as the subscribers look at it. */
export interface Answer {
  readonly data?: { readonly instanceStatus: Change };
  readonly errors?: readonly { readonly extensions?: { readonly code?: string; readonly retryAfter?: number } }[];
}

/** An event of a run. */
export interface Change {
  readonly status: string;
  readonly previousStatus: string | null;
  readonly sequence: number;
  readonly observedAt: string;
}

/** What a subscription is given: its answers, and undefined at its end, unless it was left. */
export type Take = (answer: Answer | undefined) => void;

/** What carries subscriptions. The clients of the tests' libraries would be most of what is measured at this end. */
export interface Connection {
  /** Subscribes; what it answers leaves. */
  readonly subscribe: (variables: object, take: Take) => () => void;
  /** Leaves all that it carries. */
  readonly close: () => void;
}

interface Message {
  readonly id?: string;
  readonly type: string;
  readonly payload?: unknown;
}

async function overWebSocket(url: string, query: string): Promise<Connection> {
  const socket = new WebSocket(`${url.replace('http', 'ws')}/graphql`, 'graphql-transport-ws', {
    perMessageDeflate: false,
  });
  const send = (message: Message): void => socket.send(JSON.stringify(message));
  const takers = new Map<string, Take>();
  let last = 0;
  await once(socket, 'open');
  send({ type: 'connection_init' });
  await once(socket, 'message');
  socket.on('message', (data: Buffer) => {
    const { id = '', type, payload } = JSON.parse(data.toString()) as Message;
    const take = takers.get(id);
    if (type === 'next') return take?.(payload as Answer);
    takers.delete(id);
    take?.(type === 'error' ? { errors: payload as NonNullable<Answer['errors']> } : undefined);
  });
  socket.on('error', () => undefined);
  socket.on('close', () => takers.forEach((take) => take(undefined)));
  return {
    subscribe: (variables, take) => {
      const id = String((last += 1));
      takers.set(id, take);
      send({ id, type: 'subscribe', payload: { query, variables } });
      return () => {
        if (takers.delete(id)) send({ id, type: 'complete' });
      };
    },
    close: () => {
      takers.clear();
      socket.close();
    },
  };
}

/** A request of its own for each subscription. */
function overEvents(url: string, query: string): Connection {
  const agent = new Agent({ maxSockets: Number.POSITIVE_INFINITY });
  const headers = { accept: 'text/event-stream', 'content-type': 'application/json' };
  const under = new Set<() => void>();
  return {
    subscribe: (variables, take) => {
      const asked = request(`${url}/graphql`, { method: 'POST', headers, agent });
      const leave = (): void => {
        under.delete(leave);
        asked.destroy();
      };
      under.add(leave);
      /** Nothing more comes of it. */
      const end = (answer?: Answer): void => {
        if (!under.has(leave)) return;
        leave();
        take(answer);
      };
      asked.once('close', () => end());
      asked.once('error', () => end());
      asked.once('response', (response) => {
        const { 'retry-after': retryAfter } = response.headers;
        if (retryAfter !== undefined)
          return end({ errors: [{ extensions: { code: 'OVERLOADED', retryAfter: Number(retryAfter) } }] });
        let text = '';
        response.on('error', () => undefined);
        response.setEncoding('utf8').on('data', (chunk: string) => {
          const lines = (text + chunk).split('\n');
          text = lines.pop() ?? '';
          for (const line of lines)
            if (under.has(leave) && /^data: ./.test(line)) take(JSON.parse(line.slice(6)) as Answer);
        });
      });
      asked.end(JSON.stringify({ query, variables }));
      return leave;
    },
    close: () => under.forEach((leave) => leave()),
  };
}

/** Opens what carries subscriptions of a query. */
export async function connect(transport: Transport, url: string, query: string): Promise<Connection> {
  return transport === 'WebSocket' ? overWebSocket(url, query) : overEvents(url, query);
}
