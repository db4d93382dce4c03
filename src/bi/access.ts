import type { IncomingMessage } from 'node:http';
import { refuseOwnTokens, type Caller, type Identify } from '../callers/caller.ts';

/** Who reads, and which leagues' rows. */
export interface Reader {
  readonly name: string;
  readonly leagues: 'ALL' | readonly string[];
  /** Aborts when the key ends: answers under way end with it. */
  readonly sessionSignal?: AbortSignal;
}

/** The key in `Authorization: Basic`: the password, whatever the user is called. */
function basicKey(authorization: string | undefined): string | undefined {
  const [, encoded] = /^basic +([\w+/=-]+) *$/i.exec(authorization ?? '') ?? [];
  if (encoded === undefined) return undefined;
  const text = Buffer.from(encoded, 'base64').toString('utf8');
  return text.slice(text.indexOf(':') + 1);
}

function headersOf({ headers }: IncomingMessage, query: URLSearchParams): Headers {
  const given = new Headers();
  for (const [name, value] of Object.entries(headers)) if (typeof value === 'string') given.set(name, value);
  const key = basicKey(headers.authorization) ?? query.get('apikey') ?? undefined;
  if (key === undefined) return given;
  // BI tools can send a key in no other way: here, and nowhere else, Basic and `?apikey=` stand for the header.
  given.delete('authorization');
  // A header can't hold some characters, which no key has either.
  given.set('x-api-key', encodeURIComponent(key).replaceAll('%20', ' '));
  return given;
}

/**
 * Authenticates a request, and answers which leagues it may read. Every surface asks here, and rows are read through `rowsOf` with the answer.
 *
 * @throws GatewayError UNAUTHENTICATED, FORBIDDEN
 */
export async function authorise(request: IncomingMessage, query: URLSearchParams, identify: Identify): Promise<Reader> {
  const caller: Caller = await identify({ headers: headersOf(request, query), signal: new AbortController().signal });
  refuseOwnTokens(caller);
  const { name, leagues, sessionSignal } = caller;
  return { name, leagues, ...(sessionSignal && { sessionSignal }) };
}
