import type { ServerResponse } from 'node:http';
import type { Bi } from '../bi/bi.ts';
import type { KeyRoles } from '../callers/keyCommand.ts';
import type { ConfigWithTics } from '../config/config.ts';
import type { Gateway } from '../gateway/gateway.ts';
import { GatewayError } from '../errors.ts';
import type { Logger } from '../telemetry/log.ts';
import type { Metrics } from '../telemetry/metrics.ts';

/** Tables for BI tools, opened on first use. */
export interface BiTables extends Pick<Bi, 'handle' | 'readRows' | 'onRuns' | 'close'> {
  /** Opens the tables and starts refreshing them. */
  readonly start: () => void;
}

/** The message for callers. Only errors of the store are shown. */
function reasonOf(error: unknown): string {
  const isStoreError = error instanceof Error && error.name === 'StoreError';
  return isStoreError ? error.message : 'The tables can’t be opened; the log says why.';
}

function answerUnopened(response: ServerResponse, error: unknown): void {
  response.writeHead(503, { 'content-type': 'application/json', 'cache-control': 'no-store', 'retry-after': '5' });
  response.end(JSON.stringify({ errors: [{ message: reasonOf(error), extensions: { code: 'TABLES_UNAVAILABLE' } }] }));
}

/**
 * Tables for BI tools; undefined with `bi: off`. Their code is loaded on first use, or once the gateway listens.
 */
export function biTables(
  { bi: config, dataDirectory, publicUrl, tics }: ConfigWithTics,
  { identify, planes }: Pick<Gateway, 'identify' | 'planes'>,
  { log, metrics }: { readonly log: Logger; readonly metrics: Pick<Metrics, 'tables'> },
): BiTables | undefined {
  if (config.storage === 'off') return undefined;
  let opening: Promise<Bi> | undefined;
  let opened: Bi | undefined;
  const open = (): Promise<Bi> => {
    opening ??= import('../bi/bi.ts')
      .then(({ openBi }) =>
        openBi({ config, dataDirectory, publicUrl, timeZone: tics.timeZone, log, identify, planes }),
      )
      .then((bi) => {
        if (config.databaseUrl === undefined && config.storage === 'memory')
          log.info('bi: rows are kept in memory and read again at each start; set dataDirectory to keep them');
        metrics.tables(bi.figures);
        bi.refresher.start();
        opened = bi;
        return bi;
      })
      .catch((error: unknown) => {
        // The next request tries again.
        opening = undefined;
        log.error({ err: error }, 'bi: the tables can’t be opened');
        throw error;
      });
    return opening;
  };
  return {
    handle: async (request, response) => {
      let bi: Bi;
      try {
        bi = await open();
      } catch (error) {
        return answerUnopened(response, error);
      }
      return bi.handle(request, response);
    },
    readRows: async (...query) => {
      const bi = await open().catch((error: unknown) => {
        throw new GatewayError('TABLES_UNAVAILABLE', reasonOf(error));
      });
      return bi.readRows(...query);
    },
    onRuns: (runs) => opened?.onRuns(runs),
    start: () => void open().catch(() => undefined),
    close: async () => {
      await (await opening?.catch(() => undefined))?.close();
    },
  };
}

/** Login roles in the Postgres of BI, one per API key. */
export function keyRoles(databaseUrl: string): KeyRoles {
  const { host, pathname } = new URL(databaseUrl);
  const roles = () => import('../bi/store/readerRoles.ts');
  return {
    address: `${host}${pathname}`,
    create: async (key, text) => (await roles()).createReaderRole(databaseUrl, key, text),
    remove: async (key) => (await roles()).removeReaderRole(databaseUrl, key),
  };
}
