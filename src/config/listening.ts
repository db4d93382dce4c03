import * as z from 'zod';
import { baseUrl, network, port, text } from './values.ts';

const pageOrigin = 'the origin of a page, such as https://console.example.com';

function isOrigin(origin: string): boolean {
  return URL.canParse(origin) && new URL(origin).origin === origin;
}

const hostName = 'a host name in lower case, without port';

const onOrOff = z.enum(['on', 'off'], 'on or off');

/** Top-level keys: where the gateway listens, and its public address. */
export const listening = {
  port: port
    .prefault(4000)
    .describe('Port of the API. 0 takes any free one. The environment variable `PORT` overrides it.'),
  metricsPort: port
    .optional()
    .describe(
      'Port of `/metrics` on `host`. Default: the port of the API, for this machine alone. `admin` names an address too.',
    ),
  admin: z
    .strictObject(
      {
        host: text('an address to listen on').default('127.0.0.1').describe('Address to listen on.'),
        port: port.describe('Port. 0 takes any free one.'),
      },
      'where operators ask: host, port',
    )
    .optional()
    .describe(
      'A listener for operators: `/metrics`, and `/readyz` with the upstreams. Default: both are answered on the port of the API, to this machine alone; everyone else gets the status of `/readyz`.',
    ),
  host: text('an address to listen on')
    .default('127.0.0.1')
    .describe(
      'Address to listen on. The environment variable `HOST` overrides it. In the image the default is `0.0.0.0` (`GATEWAY_DEFAULT_HOST`).',
    ),
  trustedProxies: z
    .array(network, 'a list of addresses and networks')
    .optional()
    .describe(
      'Proxies and load balancers in front of the gateway: addresses, or networks such as `10.0.0.0/8`. The client’s address is taken from their `X-Forwarded-For`, and their connections are not limited.',
    ),
  shutdownDelayMs: z
    .int('whole milliseconds')
    .min(0, 'at least 0')
    .max(5_000, 'at most 5000')
    .default(2_000)
    .describe(
      'After SIGTERM `/readyz` answers 503, and requests are still taken for so long: load balancers learn of it late. SIGINT: at most 500.',
    ),
  publicUrl: baseUrl('the address that callers use, such as https://tics.example.com')
    .optional()
    .describe(
      'Address that callers use, such as `https://tics.example.com`. Pages of its origin may ask; requests for its host are taken.',
    ),
  origins: z
    .array(z.string(pageOrigin).refine(isOrigin, pageOrigin), 'a list of origins')
    .optional()
    .describe(
      'Other origins whose pages may ask, over HTTP, server-sent events and WebSocket alike, such as `https://console.example.com`.',
    ),
  hosts: z
    .array(z.string(hostName).regex(/^[a-z0-9.-]+$/, hostName), 'a list of host names')
    .optional()
    .describe(
      'Other names that callers know the gateway by, such as `tics-gateway`. A request for any other host than these, that of `publicUrl` and the listening address is refused.',
    ),
  introspection: onOrOff
    .optional()
    .describe('`on`: callers may read the schema. Default: `on` with the embedded TICS, else `off`.'),
  graphiql: onOrOff.optional().describe('`on`: GraphiQL is served. Default: `on` with the embedded TICS, else `off`.'),
};
