/** Starts a run and watches it to its end: over WebSocket, and over server-sent events beside it. */
import { createClient as createSseClient } from 'graphql-sse';
import { createClient as createWebSocketClient } from 'graphql-ws';
import { WebSocket } from 'ws';

const url = process.argv[2] ?? 'http://127.0.0.1:4000/graphql';

const subscription = /* GraphQL */ `
  subscription Watch($id: ID!, $after: String) {
    instanceStatus(id: $id, after: $after) {
      status
      final
      cursor
      error {
        message
      }
    }
  }
`;

interface Watched {
  readonly instanceStatus: {
    readonly status: string;
    readonly final: boolean;
    readonly cursor: string;
    readonly error: { readonly message: string | null } | null;
  };
}

interface Answer {
  readonly data?: Watched | null;
  readonly errors?: readonly { readonly message: string; readonly extensions: { readonly code: string } }[];
}

/** Either client: they have the same `iterate`. */
interface Client {
  readonly iterate: (operation: { query: string; variables: Record<string, unknown> }) => AsyncIterable<unknown>;
}

/** Prints the states of a run. When a stream ends before the run does, it subscribes again behind the last event. */
async function watch(transport: string, client: Client, id: string): Promise<void> {
  let after: string | undefined;
  for (;;) {
    for await (const answer of client.iterate({ query: subscription, variables: { id, after } })) {
      const { data, errors } = answer as Answer;
      // The gateway stops or reloads: subscribe again.
      if (errors?.some(({ extensions }) => extensions.code === 'RECONNECT')) break;
      if (!data) throw new Error(JSON.stringify(errors));
      const { status, final, cursor, error } = data.instanceStatus;
      after = cursor;
      console.log(`${transport}: ${status}${error ? ` (${error.message})` : ''}`);
      if (final) return;
    }
  }
}

async function startRun(): Promise<string> {
  const response = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', accept: 'application/graphql-response+json' },
    body: JSON.stringify({
      query: /* GraphQL */ `
        mutation Run($input: RunSqlJobInput!) {
          runSqlJob(input: $input) {
            instance {
              id
            }
            userErrors {
              code
              message
            }
          }
        }
      `,
      // League and dataset are those of the embedded TICS.
      variables: {
        input: {
          leagueId: 'League:a0a4e24363f3db592ab16d076f5096b9',
          name: `live status ${Date.now()}`,
          sql: 'SELECT product, AVG(balance) AS balance FROM tics_demo.loan_records_9 GROUP BY product',
        },
      },
    }),
  });
  const { data } = (await response.json()) as { data: { runSqlJob: { instance: { id: string } | null } | null } };
  const id = data.runSqlJob?.instance?.id;
  if (id === undefined) throw new Error(JSON.stringify(data));
  return id;
}

const id = await startRun();
// graphql-ws connects again by itself; `Infinity` and `shouldRetry` make it do so whatever closed the socket.
const socket = createWebSocketClient({
  url: url.replace(/^http/, 'ws'),
  webSocketImpl: WebSocket,
  retryAttempts: Infinity,
  shouldRetry: () => true,
});
const events = createSseClient({ url, singleConnection: false });
await Promise.all([watch('WebSocket', socket, id), watch('server-sent events', events, id)]);
await socket.dispose();
events.dispose();
