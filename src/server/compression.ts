import type { IncomingMessage, ServerResponse } from 'node:http';
import { constants } from 'node:zlib';
import compression from 'compression';

/** Ten segments of TCP, which a server sends before it waits (RFC 6928): less would arrive no earlier. */
const minCompressedBytes = 14_000;

/** Answers in one piece, and tables. Events are sent as they come; Parquet is compressed itself. */
const compressible = /^(application\/(graphql-response\+json|json|x-ndjson|xml)|text\/csv)\b/i;

/** Little effort: more makes answers of rows hardly smaller. */
const compress = compression({
  threshold: minCompressedBytes,
  level: constants.Z_BEST_SPEED,
  filter: (_, response) => compressible.test(String(response.getHeader('content-type'))),
});

/** Compresses the answer if it is large and the client takes it compressed (RFC 9110, 12.5.3). */
export function compressAnswer(request: IncomingMessage, response: ServerResponse): void {
  if (request.headers['accept-encoding'] === undefined) return;
  compress(request as never, response as never, () => undefined);
}
