import { createHash } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { promisify } from 'node:util';
import { gunzip, gzip } from 'node:zlib';
import { acceptedRanges, negotiate } from '../gateway/mediaTypes.ts';
import { exampleOperations } from './graphiqlExamples.ts';
import { patches } from './graphiqlPatches.ts';

/** What the path answers, by `Accept`. */
const pageOrResult = ['text/html', 'application/json', 'application/graphql-response+json'] as const;

interface StoredPage {
  readonly compressed: Buffer;
  readonly etag: string;
}

let page: Promise<StoredPage> | undefined;

/**
 * Loads GraphiQL as one page without external scripts: it works offline. The page is 9 MB, so it is loaded at the first request
 * and kept compressed.
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
  const compressed = await promisify(gzip)(html.replace('</head>', () => `${patches}</head>`));
  return { compressed, etag: `"${createHash('sha256').update(compressed).digest('base64url')}"` };
}

/** True for a navigation: browsers accept `text/html`, API clients do not. */
export function isPageRequest({ method, headers: { accept } }: IncomingMessage): boolean {
  if (method !== 'GET' && method !== 'HEAD') return false;
  const ranges = acceptedRanges(accept);
  return (
    ranges.some(({ type, quality }) => type === 'text/html' && quality > 0) &&
    negotiate(ranges, pageOrResult) === 'text/html'
  );
}

/** Undefined where the client accepts neither gzip nor identity. */
function encodingFor({ headers }: IncomingMessage): 'gzip' | 'identity' | undefined {
  const header = String(headers['accept-encoding'] ?? '');
  const qualities = new Map(
    header.split(',').map((text): [string, number] => {
      const [name = '', quality] = text.toLowerCase().replace(/\s/g, '').split(';q=');
      return [name === 'x-gzip' ? 'gzip' : name, Number(quality ?? 1)];
    }),
  );
  if ((qualities.get('gzip') ?? qualities.get('*') ?? 0) > 0) return 'gzip';
  return (qualities.get('identity') ?? qualities.get('*') ?? 1) > 0 ? 'identity' : undefined;
}

/** Sends GraphiQL. */
export async function servePage(request: IncomingMessage, response: ServerResponse): Promise<void> {
  page ??= load().catch((error: unknown) => {
    page = undefined;
    throw error;
  });
  const { compressed, etag: ofPage } = await page;
  const encoding = encodingFor(request);
  if (encoding === undefined) {
    const message = 'The page is sent as gzip or identity.';
    const body = JSON.stringify({ errors: [{ message, extensions: { code: 'BAD_REQUEST' } }] });
    response.writeHead(406, { 'content-type': 'application/json' }).end(body);
    return;
  }
  const etag = encoding === 'gzip' ? ofPage : ofPage.replace(/"$/, '-identity"');
  const headers = {
    etag,
    'cache-control': 'no-cache',
    vary: 'Accept, Accept-Encoding',
    // Against clickjacking: GraphiQL can run mutations.
    'content-security-policy': "frame-ancestors 'none'",
    'x-content-type-options': 'nosniff',
  };
  if (request.headers['if-none-match'] === etag) {
    response.writeHead(304, headers).end();
    return;
  }
  const sent = encoding === 'gzip' ? compressed : await promisify(gunzip)(compressed);
  response.writeHead(200, {
    ...headers,
    'content-type': 'text/html; charset=utf-8',
    ...(encoding === 'gzip' && { 'content-encoding': encoding }),
    'content-length': sent.length,
  });
  response.end(request.method === 'HEAD' ? undefined : sent);
}
