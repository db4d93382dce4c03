import type { ExecutionResult } from 'graphql';
import type { FetchAPI } from 'graphql-yoga';
import { withoutHttp } from './refusal.ts';

/** Proxies cut connections over which nothing comes; the protocol has empty parts for that. */
const heartbeatMs = 5_000;

async function* single(result: ExecutionResult): AsyncGenerator<ExecutionResult> {
  yield await Promise.resolve(result);
}

/** How a stream of results is written. */
interface MultipartFormat {
  readonly boundary: string;
  /** Names the format in `Content-Type`. */
  readonly specification: string;
  readonly partOf: (result: ExecutionResult) => object;
  readonly heartbeatMs?: number;
}

/** Apollo Client’s multipart subscription protocol 1.0: each result is a part, its `payload`. */
const events: MultipartFormat = {
  boundary: 'graphql',
  specification: 'subscriptionSpec="1.0"',
  partOf: (payload) => ({ payload }),
  heartbeatMs,
};

/** Incremental delivery over HTTP, in the format of 2022-08-24, which clients read. */
const parts: MultipartFormat = {
  boundary: '-',
  specification: 'deferSpec=20220824',
  partOf: ({ errors, ...part }) => ({ ...part, ...(errors && { errors: errors.map(withoutHttp) }) }),
};

function respond(result: unknown, fetchAPI: FetchAPI, format: MultipartFormat): Response {
  const { boundary, specification, partOf } = format;
  const results = (
    typeof result === 'object' && result !== null && Symbol.asyncIterator in result
      ? (result as AsyncIterable<ExecutionResult>)
      : single(result as ExecutionResult)
  )[Symbol.asyncIterator]();
  const encoder = new TextEncoder();
  const written = (body: object): Uint8Array =>
    encoder.encode(`\r\nContent-Type: application/json; charset=utf-8\r\n\r\n${JSON.stringify(body)}\r\n--${boundary}`);
  let heartbeat: NodeJS.Timeout | undefined;
  const body = new fetchAPI.ReadableStream<Uint8Array>({
    start: (controller) => {
      controller.enqueue(encoder.encode(`--${boundary}`));
      if (format.heartbeatMs === undefined) return;
      heartbeat = setInterval(() => {
        if ((controller.desiredSize ?? 0) > 0) controller.enqueue(written({}));
      }, format.heartbeatMs);
    },
    pull: async (controller) => {
      const next = await results.next();
      if (next.done !== true) return controller.enqueue(written(partOf(next.value)));
      clearInterval(heartbeat);
      controller.enqueue(encoder.encode('--\r\n'));
      controller.close();
    },
    cancel: async () => {
      clearInterval(heartbeat);
      await results.return?.();
    },
  });
  return new fetchAPI.Response(body, {
    status: 200,
    headers: {
      'Content-Type': `multipart/mixed; boundary="${boundary}"; ${specification}`,
      'Cache-Control': 'no-cache',
    },
  });
}

/** Answers with the events of a subscription. */
export function multipartEvents(result: unknown, fetchAPI: FetchAPI): Response {
  return respond(result, fetchAPI, events);
}

/** Answers with the parts of one answer. */
export function multipartParts(result: unknown, fetchAPI: FetchAPI): Response {
  return respond(result, fetchAPI, parts);
}
