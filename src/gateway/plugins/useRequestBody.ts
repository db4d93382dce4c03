import type { IncomingMessage } from 'node:http';
import type { GraphQLParams } from 'graphql-yoga';
import { within } from '../../time.ts';
import { isObject, refuse } from '../body/body.ts';
import { encodingOf, identity, readText } from '../body/text.ts';
import { readUpload } from '../body/upload.ts';
import { parseMediaType } from '../mediaTypes.ts';
import type { GatewayPlugin, PluginRequest } from '../plugin.ts';
import { isParameter } from './useParams.ts';

const whatToSend = 'Send {"query": "…"}, and what else belongs to the operation.';

async function readJson(request: PluginRequest, incoming: IncomingMessage | undefined): Promise<GraphQLParams> {
  const text = await readText(request, incoming);
  let params: unknown;
  try {
    params = JSON.parse(text);
  } catch {
    throw refuse(text === '' ? `The request has no body. ${whatToSend}` : `The body is not JSON. ${whatToSend}`);
  }
  if (!isObject(params) || Array.isArray(params))
    throw refuse('The body must be a JSON object: one operation a request.');
  return params;
}

/** Body readers by media type. */
const readers: Readonly<
  Record<string, (request: PluginRequest, incoming: IncomingMessage | undefined) => Promise<GraphQLParams>>
> = {
  'application/json': readJson,
  'application/graphql': async (request, incoming) => ({ query: await readText(request, incoming) }),
};

/**
 * Refuses query strings that are not UTF-8, or have a parameter twice, of which each reader may take another one. Yoga would
 * also report invalid JSON in one as an internal error.
 */
function refuseBrokenQuery(request: PluginRequest): void {
  const query = request.url.slice(request.url.indexOf('?') + 1 || Infinity);
  try {
    decodeURIComponent(query);
  } catch {
    throw refuse('The query string is not UTF-8.');
  }
  const parameters = new URLSearchParams(query);
  const names = [...parameters.keys()];
  const repeated = names.find((name, place) => isParameter(name) && names.indexOf(name) !== place);
  if (repeated !== undefined) throw refuse(`The parameter ${repeated} of the query string was sent more than once.`);
  for (const name of ['variables', 'extensions'])
    try {
      JSON.parse(parameters.get(name) || 'null');
    } catch {
      throw refuse(`The parameter ${name} of the query string is not JSON.`);
    }
}

/**
 * A stalled body would keep its place among the running requests. Files may take longer, once their operation has arrived.
 */
export const arrivesWithinMs = 10_000;

/** Rejects when the body takes too long. */
function inTime<Sent>(sent: Promise<Sent>): Promise<Sent> {
  return within(sent, arrivesWithinMs, () => {
    throw refuse(`The operation did not arrive within ${arrivesWithinMs} ms.`, 408, { connection: 'close' });
  });
}

/** The part of the request's context that bodies need. */
export interface BodyContext {
  /** The request of node:http; missing for `fetch`. */
  readonly req?: IncomingMessage;
  /** Discards the rest of an upload. */
  discardUpload?: () => void;
  /** Parameters that the JSON front has already parsed. */
  readonly received?: unknown;
}

/** Reads bodies of operations and uploads. Limits their size and time. */
export const useRequestBody: GatewayPlugin<BodyContext> = {
  onRequestParse: ({ request, serverContext, setRequestParser }) => {
    const { received } = serverContext;
    if (received !== undefined) return setRequestParser(() => Promise.resolve(received as GraphQLParams));
    if (request.method !== 'POST') return refuseBrokenQuery(request);
    const { type, parameters } = parseMediaType(request.headers.get('content-type') ?? '');
    // TICS itself asks for `charset=utf8` (reference 8.1), and WHATWG takes it for the same.
    if (!/^utf-?8$/i.test(parameters.get('charset') ?? 'utf-8')) throw refuse('The charset must be utf-8.', 415);
    if (type === 'multipart/form-data') {
      if (encodingOf(request) !== identity) throw refuse('Uploads can’t have a Content-Encoding.', 415);
      return setRequestParser((received) =>
        inTime(
          readUpload(received, (discardRest) => {
            serverContext.discardUpload = discardRest;
          }),
        ),
      );
    }
    const read = readers[type];
    // Also refuses HTML forms: any page can make a browser send one without a preflight request, mutations included.
    if (read === undefined)
      throw refuse('Send the operation as JSON, with the header Content-Type: application/json.', 415);
    setRequestParser((received) => inTime(read(received, serverContext.req)));
  },
  onResponse: ({ serverContext }) => serverContext.discardUpload?.(),
};
