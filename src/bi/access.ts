import type { IncomingMessage } from 'node:http';
import { hasRole, refuseOwnTokens, type Caller, type Identify } from '../callers/caller.ts';
import { GatewayError } from '../errors.ts';

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
  // BI tools can send a key in no other way: here, and nowhere else, Basic and `?apikey=` stand for the header.
  const basic = basicKey(headers.authorization);
  if (basic !== undefined) given.delete('authorization');
  for (const key of [basic, ...query.getAll('apikey')]) {
    // A header can't hold some characters, which no key has either.
    const text = encodeURIComponent(key ?? '').replaceAll('%20', ' ');
    // Two different ones are joined: of two keys neither is chosen.
    if (text !== '' && text !== given.get('x-api-key')) given.append('x-api-key', text);
  }
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
  if (!hasRole(caller, 'VIEWER')) throw new GatewayError('FORBIDDEN', 'This needs the role VIEWER.');
  const { name, leagues, sessionSignal } = caller;
  return { name, leagues, ...(sessionSignal && { sessionSignal }) };
}
