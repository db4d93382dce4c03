import { EventEmitter, setMaxListeners } from 'node:events';
import { join } from 'node:path';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Identify } from '../callers/caller.ts';
import { sessionEnded } from '../callers/session.ts';
import { openDataDirectory, type BiConfig } from '../config/config.ts';
import { GatewayError } from '../errors.ts';
import type { Logger } from '../telemetry/log.ts';
import type { TableFigures } from '../telemetry/metrics/tables.ts';
import type { Deadline } from '../upstream/deadline.ts';
import type { Planes } from '../tics/planes/planes.ts';
import type { OnRuns } from '../status/polling/polls.ts';
import { authorise } from './access.ts';
import { answerFeed } from './feeds/feed.ts';
import { answerOData, odataError } from './odata/answer.ts';
import { answerPage } from './page/page.ts';
import { pbids } from './page/connections.ts';
import { QueryError } from './query/expression.ts';
import type { BiRequest, Tables } from './reading.ts';
import { openRefresher, type Refresher } from './refresh/refresher.ts';
import { createRowsReader, type ReadRows } from './rows.ts';
import type { Store } from './store/store.ts';

/** What BI is made of. */
export interface BiOptions {
  readonly config: BiConfig;
  readonly dataDirectory: string;
  readonly timeZone: string;
  /** Where readers reach the gateway. Without it, at the host that they name. */
  readonly publicUrl?: string | undefined;
  /** The upstreams as the gateway's account sees them. */
  readonly planes: (deadline: Deadline) => Planes;
  readonly identify: Identify;
  readonly log: Logger;
}

/** Tables for BI tools, over HTTP. */
export interface Bi extends Tables {
  readonly refresher: Refresher;
  readonly figures: () => TableFigures;
  readonly readRows: ReadRows;
  /** Keeps the states of runs that subscriptions poll. */
  readonly onRuns: OnRuns;
  /** Answers a request below `/bi` or `/odata`. */
  readonly handle: (request: IncomingMessage, response: ServerResponse) => Promise<void>;
  readonly close: () => Promise<void>;
}

/** Missed rows are gone when they are missed again after this long. */
const confirmMs = 60_000;

/** A signal that ends with the reader, with its key, and with its time. Its reason says which. */
function signalOf(
  response: ServerResponse,
  session: AbortSignal | undefined,
  { answerTimeoutMs }: BiConfig,
): AbortSignal {
  const controller = new AbortController();
  // Each query of the answer listens to it.
  setMaxListeners(0, controller.signal);
  const end = (reason: Error) => (): void => controller.abort(reason);
  const revoke = end(sessionEnded());
  const timer = setTimeout(
    end(
      new QueryError(
        `The answer took longer than ${answerTimeoutMs / 1000} s (bi.answerTimeoutMs). Ask for it in parts.`,
        'LIMIT',
      ),
    ),
    answerTimeoutMs,
  );
  if (session?.aborted) revoke();
  session?.addEventListener('abort', revoke, { once: true });
  response.once('close', () => {
    clearTimeout(timer);
    session?.removeEventListener('abort', revoke);
    end(new Error('The reader has left.'))();
  });
  return controller.signal;
}

/** Emits `drain` as the response does. A response that is compressed keeps each of its listeners to the end: there is one. */
function drainsOf(response: ServerResponse): EventEmitter {
  const drains = new EventEmitter();
  response.on('drain', () => drains.emit('drain'));
  return drains;
}

const isHost = /^[\w.-]+(:\d+)?$|^\[[\da-f:.]+\](:\d+)?$/i;

/** @throws QueryError where neither the configuration nor the request says where this is */
function baseUrlOf({ headers: { host = '' } }: IncomingMessage, publicUrl: string | undefined): string {
  if (publicUrl !== undefined) return publicUrl;
  if (!isHost.test(host)) throw new QueryError('The Host header is not a valid host.');
  return `http://${host}`;
}

const statusOf = { INVALID: 400, UNSUPPORTED: 501, GONE: 410, LIMIT: 400 } as const;
const codeOf = { INVALID: 'BAD_REQUEST', UNSUPPORTED: 'UNSUPPORTED', GONE: 'GONE', LIMIT: 'QUERY_LIMIT' } as const;

interface Failure {
  readonly status: number;
  readonly code: string;
  readonly message: string;
}

function failureOf(error: unknown): Failure {
  if (error instanceof QueryError)
    return { status: statusOf[error.reason], code: codeOf[error.reason], message: error.message };
  if (error instanceof GatewayError)
    return { status: error.facts.httpStatus ?? 500, code: error.code, message: error.message };
  return { status: 500, code: 'INTERNAL_ERROR', message: 'The gateway failed; the log says why.' };
}

/** Says what went wrong, in the form of the surface; an answer under way is cut, so that it does not pass for a whole one. */
function answerFailure(response: ServerResponse, path: string, { status, code, message }: Failure): void {
  if (response.headersSent) return void response.destroy();
  for (const name of response.getHeaderNames()) if (name !== 'allow') response.removeHeader(name);
  // A browser, Excel and Power BI ask for a key when they see this.
  if (status === 401) response.setHeader('www-authenticate', 'Basic realm="TICS", charset="UTF-8"');
  response.setHeader('cache-control', 'no-store');
  if (path.startsWith('/odata')) return odataError(response, status, code, message);
  response.writeHead(status, { 'content-type': 'application/json' });
  response.end(JSON.stringify({ errors: [{ message, extensions: { code } }] }));
}

function answerText(response: ServerResponse, type: string, name: string, body: string): void {
  response.writeHead(200, {
    'content-type': type,
    'content-disposition': `attachment; filename="${name}"`,
    'cache-control': 'private, no-store',
  });
  response.end(body);
}

/** The one resource of OData that is asked for by POST only. */
const batchPath = '/odata/v4/$batch';

async function answer(bi: Tables, asked: BiRequest): Promise<void> {
  const { path, response, request } = asked;
  if (request.method !== 'GET' && request.method !== 'HEAD') {
    response.setHeader('allow', 'GET, HEAD');
    const what = path.startsWith(batchPath) ? '$batch' : (request.method ?? 'The method');
    throw new QueryError(`${what} is not supported: tables are read only.`, 'UNSUPPORTED');
  }
  if (path.startsWith('/odata')) return answerOData(bi, asked);
  if (path.startsWith('/bi/v1/')) return answerFeed(bi, asked);
  if (path === '/bi/tics.pbids') return answerText(response, 'application/json', 'tics.pbids', pbids(asked.baseUrl));
  if (path === '/bi' || path === '/bi/') return answerPage(bi, asked);
  response.writeHead(404, { 'content-type': 'application/json' });
  const message = 'Nothing is at this path. The tables are at /bi.';
  response.end(JSON.stringify({ errors: [{ message, extensions: { code: 'NOT_FOUND' } }] }));
}

/** Only the engine that is used is loaded. */
async function openStore({ config, dataDirectory }: BiOptions): Promise<Store> {
  if (config.databaseUrl !== undefined) {
    const { openPostgres } = await import('./store/postgres.ts');
    return openPostgres(config.databaseUrl, config);
  }
  const path = config.storage === 'file' ? join(openDataDirectory(dataDirectory), 'bi.duckdb') : undefined;
  const { openDuckDb } = await import('./store/duckdb.ts');
  return openDuckDb({ ...config, path });
}

/** Opens the tables. Nothing is refreshed before `refresher.start`. */
export async function openBi(options: BiOptions): Promise<Bi> {
  const { config, planes, timeZone, log, publicUrl, identify } = options;
  const store = await openStore(options);
  const refresher = await openRefresher(
    { store, planes, timeZone, log },
    {
      factsMs: config.refreshMs,
      dimensionsMs: config.dimensionsMs,
      sweepMs: config.sweepMs,
      confirmMs,
      historyDays: config.historyDays,
      leagues: config.leagues,
      callsPerSecond: config.callsPerSecond,
    },
  );
  const bi: Tables = { store, refresher, timeZone, publicUrl, maxRows: config.maxRows };

  let cutAnswers = 0;

  const handle: Bi['handle'] = async (request, response) => {
    const startedMs = performance.now();
    const target = request.url ?? '/';
    const mark = target.indexOf('?');
    let path = mark < 0 ? target : target.slice(0, mark);
    let reader: string | undefined;
    let failure: Failure | undefined;
    try {
      path = decodeURIComponent(path);
      // `+` is a space in a query, and `%2B` a plus.
      const query = new URLSearchParams(mark < 0 ? '' : target.slice(mark + 1));
      const found = await authorise(request, query, identify);
      reader = found.name;
      const signal = signalOf(response, found.sessionSignal, config);
      await answer(bi, {
        request,
        response,
        reader: found,
        path,
        query,
        baseUrl: baseUrlOf(request, publicUrl),
        signal,
        drains: drainsOf(response),
      });
    } catch (error) {
      if (response.destroyed && !(error instanceof QueryError)) return;
      failure =
        error instanceof URIError
          ? failureOf(new QueryError('The path is not percent-encoded UTF-8.'))
          : failureOf(error);
      if (failure.status === 500) log.error({ err: error }, 'internal error');
      answerFailure(response, path, failure);
    } finally {
      // Without the query: it may hold a key.
      const isCut = failure !== undefined && response.headersSent && !response.writableEnded;
      if (isCut) cutAnswers += 1;
      const line = {
        path,
        caller: reader,
        status: response.statusCode,
        durationMs: Math.round(performance.now() - startedMs),
        ...(failure && { code: failure.code }),
      };
      if (isCut) log.warn(line, 'bi: an answer was cut');
      else log.info(line, 'bi');
    }
  };

  return {
    ...bi,
    refresher,
    figures: () => ({ ...refresher.figures(), cutAnswers }),
    readRows: createRowsReader(bi),
    onRuns: (runs) => refresher.onRuns(runs),
    handle,
    close: async () => {
      await refresher.close();
      await store.close();
    },
  };
}
