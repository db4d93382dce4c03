import type { Bi } from '../bi/bi.ts';
import type { Config, TicsConfig } from '../config/config.ts';
import type { Gateway } from '../gateway/gateway.ts';
import type { Logger } from '../telemetry/log.ts';

/** Tables for BI tools that are loaded when they are needed. */
export interface BiTables extends Pick<Bi, 'handle' | 'close'> {
  /** Opens the tables and begins to refresh them. */
  readonly start: () => void;
}

/**
 * Tables for BI tools, as the configuration has them; undefined where it switches them off. Nothing of them is loaded before the
 * gateway listens, or is asked for them.
 */
export function biTables(
  { bi: config, dataDirectory, publicUrl, tics }: Config & { readonly tics: TicsConfig },
  { identify, planes }: Pick<Gateway, 'identify' | 'planes'>,
  log: Logger,
): BiTables | undefined {
  if (config.storage === 'off') return undefined;
  let opening: Promise<Bi> | undefined;
  const open = (): Promise<Bi> => {
    opening ??= import('../bi/bi.ts')
      .then(({ openBi }) =>
        openBi({ config, dataDirectory, publicUrl, timeZone: tics.timeZone, log, identify, planes }),
      )
      .then((bi) => {
        bi.refresher.start();
        return bi;
      })
      .catch((error: unknown) => {
        // The database may be back by the next request.
        opening = undefined;
        log.error({ err: error }, 'bi: the tables could not be opened');
        throw error;
      });
    return opening;
  };
  return {
    handle: async (request, response) => {
      const bi = await open().catch(() => undefined);
      if (bi !== undefined) return bi.handle(request, response);
      response.writeHead(503, { 'content-type': 'application/json', 'cache-control': 'no-store', 'retry-after': '5' });
      response.end(JSON.stringify({ errors: [{ message: 'The tables can’t be opened; the log says why.' }] }));
    },
    start: () => void open().catch(() => undefined),
    close: async () => {
      await (await opening?.catch(() => undefined))?.close();
    },
  };
}
