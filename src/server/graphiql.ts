import { createHash } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import { exampleOperations } from './graphiqlExamples.ts';

interface StoredPage {
  readonly compressed: Buffer;
  readonly etag: string;
}

let page: Promise<StoredPage> | undefined;

/**
 * GraphiQL with everything it needs in one page, so that it opens without internet. The page is 9 MB: it is loaded at
 * the first request for it, kept compressed, and answered from there.
 */
async function load(): Promise<StoredPage> {
  const { renderGraphiQL } = await import('@graphql-yoga/render-graphiql');
  const html = renderGraphiQL({
    title: 'TICS GraphQL',
    defaultTabs: exampleOperations.map(({ query, variables }) => ({
      query,
      ...(variables !== undefined && { variables: JSON.stringify(variables, null, 2) }),
    })),
    schemaDescription: true,
  });
  const compressed = await promisify(gzip)(html);
  return { compressed, etag: `"${createHash('sha256').update(compressed).digest('base64url')}"` };
}

/** Answers with GraphiQL. */
export async function servePage(request: IncomingMessage, response: ServerResponse): Promise<void> {
  page ??= load().catch((error: unknown) => {
    page = undefined;
    throw error;
  });
  const { compressed, etag } = await page;
  const headers = {
    etag,
    'cache-control': 'no-cache',
    vary: 'Accept',
    // Its buttons write: no foreign page may show it in a frame and have them pressed.
    'content-security-policy': "frame-ancestors 'none'",
    'x-content-type-options': 'nosniff',
  };
  if (request.headers['if-none-match'] === etag) {
    response.writeHead(304, headers).end();
    return;
  }
  response
    .writeHead(200, {
      ...headers,
      'content-type': 'text/html; charset=utf-8',
      'content-encoding': 'gzip',
      'content-length': compressed.length,
    })
    .end(compressed);
}
