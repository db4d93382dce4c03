import type { ExecutionResult } from 'graphql';
import type { FetchAPI } from 'graphql-yoga';
import { AnswerStream } from './subscriptionStreams.ts';
import { codeOf } from './maskErrors.ts';
import { formattedResult, jsonOf } from './writtenResult.ts';

/** A format for streams of results. */
interface StreamFormat {
  readonly contentType: string;
  readonly opening: string;
  /** @param cursor - cursor of the result's event */
  readonly write: (result: ExecutionResult, cursor: string | undefined) => string;
  readonly closing: string;
  /** Proxies close idle connections. */
  readonly heartbeat?: { readonly text: string; readonly everyMs: number };
}

const comment = ':\n\n';

/**
 * Server-sent events, as graphql-sse reads them. Each has the cursor as its `id`: an `EventSource` that connects again sends it
 * as `Last-Event-ID`. Some browsers wait for the first bytes, hence the comment.
 */
const serverSentEvents: StreamFormat = {
  contentType: 'text/event-stream',
  opening: comment,
  write: (result, cursor) => `event: next\n${cursor === undefined ? '' : `id: ${cursor}\n`}data: ${jsonOf(result)}\n\n`,
  closing: 'event: complete\ndata:\n\n',
  heartbeat: { text: comment, everyMs: 12_000 },
};

function multipart(
  boundary: string,
  specification: string,
  partOf: (result: ExecutionResult) => object,
): Omit<StreamFormat, 'heartbeat'> & { readonly part: (body: object) => string } {
  const part = (body: object): string =>
    `\r\nContent-Type: application/json; charset=utf-8\r\n\r\n${JSON.stringify(body)}\r\n--${boundary}`;
  return {
    contentType: `multipart/mixed; boundary="${boundary}"; ${specification}`,
    opening: `--${boundary}`,
    part,
    write: (result) => part(partOf(result)),
    closing: '--\r\n',
  };
}

/** True for a final result that asks the client to reconnect. */
function asksToReconnect({ data, errors = [] }: ExecutionResult): boolean {
  return data === undefined && errors.some((error) => codeOf(error) === 'RECONNECT');
}

const apolloEvents = multipart('graphql', 'subscriptionSpec="1.0"', (result) =>
  // An error of the transport: Apollo Client's RetryLink subscribes again.
  asksToReconnect(result)
    ? { payload: null, ...formattedResult({ errors: result.errors ?? [] }) }
    : { payload: formattedResult(result) },
);

/** Apollo Client’s multipart subscription protocol 1.0: each result is a part, its `payload`; empty parts are heartbeats. */
const multipartEvents: StreamFormat = { ...apolloEvents, heartbeat: { text: apolloEvents.part({}), everyMs: 5_000 } };

/** Incremental delivery over HTTP, in the format of 2022-08-24, which clients read. */
const multipartParts: StreamFormat = multipart('-', 'deferSpec=20220824', formattedResult);

/** Formats of streamed responses. */
export const streamFormats = { serverSentEvents, multipartEvents, multipartParts };

async function* single(result: ExecutionResult): AsyncGenerator<ExecutionResult> {
  yield await Promise.resolve(result);
}

/**
 * Writes results as they arrive, with backpressure. A single result is a stream of one.
 *
 * @param init - status and further headers of a single result
 */
export function streamedResponse(
  result: ExecutionResult | AsyncIterable<ExecutionResult>,
  fetchAPI: FetchAPI,
  { contentType, opening, write, closing, heartbeat }: StreamFormat,
  { status, headers }: { readonly status: number; readonly headers?: Record<string, string> } = { status: 200 },
): Response {
  const results = (Symbol.asyncIterator in result ? result : single(result))[Symbol.asyncIterator]();
  const encoder = new TextEncoder();
  let beating: NodeJS.Timeout | undefined;
  const stopBeating = (): void => clearInterval(beating);
  const body = new fetchAPI.ReadableStream<Uint8Array>({
    start: (controller) => {
      controller.enqueue(encoder.encode(opening));
      if (heartbeat === undefined) return;
      beating = setInterval(() => {
        if ((controller.desiredSize ?? 0) > 0) controller.enqueue(encoder.encode(heartbeat.text));
      }, heartbeat.everyMs);
    },
    pull: async (controller) => {
      const next = await results.next().catch((error: unknown) => {
        stopBeating();
        throw error;
      });
      if (next.done !== true) {
        const cursor = result instanceof AnswerStream ? result.cursor : undefined;
        return controller.enqueue(encoder.encode(write(next.value, cursor)));
      }
      stopBeating();
      controller.enqueue(encoder.encode(closing));
      controller.close();
    },
    cancel: async () => {
      stopBeating();
      await results.return?.();
    },
  });
  return new fetchAPI.Response(body, {
    status,
    headers: { ...headers, 'Content-Type': contentType, 'Cache-Control': 'no-cache' },
  });
}
