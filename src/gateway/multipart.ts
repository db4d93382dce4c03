import type { ExecutionResult } from 'graphql';
import type { FetchAPI } from 'graphql-yoga';

const boundary = 'graphql';

/** Proxies cut connections over which nothing comes; the protocol has empty parts for that. */
const heartbeatMs = 5_000;

function partOf(body: object): string {
  return `\r\nContent-Type: application/json; charset=utf-8\r\n\r\n${JSON.stringify(body)}\r\n--${boundary}`;
}

async function* single(result: ExecutionResult): AsyncGenerator<ExecutionResult> {
  yield await Promise.resolve(result);
}

/** Apollo Client’s multipart subscription protocol 1.0: each result is a part, its `payload`. */
export function multipartResponse(result: unknown, fetchAPI: FetchAPI): Response {
  const results = (
    typeof result === 'object' && result !== null && Symbol.asyncIterator in result
      ? (result as AsyncIterable<ExecutionResult>)
      : single(result as ExecutionResult)
  )[Symbol.asyncIterator]();
  const encoder = new TextEncoder();
  let heartbeat: NodeJS.Timeout | undefined;
  const body = new fetchAPI.ReadableStream<Uint8Array>({
    start: (controller) => {
      controller.enqueue(encoder.encode(`--${boundary}`));
      heartbeat = setInterval(() => {
        if ((controller.desiredSize ?? 0) > 0) controller.enqueue(encoder.encode(partOf({})));
      }, heartbeatMs);
    },
    pull: async (controller) => {
      const next = await results.next();
      if (next.done !== true) return controller.enqueue(encoder.encode(partOf({ payload: next.value })));
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
      'Content-Type': `multipart/mixed; boundary="${boundary}"; subscriptionSpec="1.0"`,
      'Cache-Control': 'no-cache',
    },
  });
}
