import * as z from 'zod';
import { baseUrl, text } from './values.ts';

const proxyAddress = 'the http:// or https:// address of a proxy';

/** `HTTPS_PROXY` often lacks the scheme, as in `proxy.example.com:3128`. */
const proxyUrl = z
  .string(proxyAddress)
  .transform((url) => (url.includes('://') ? url : `http://${url}`))
  .pipe(baseUrl(proxyAddress));

/** Section `tics.proxy`. */
export const proxy = z.strictObject(
  {
    https: proxyUrl
      .optional()
      .describe('Proxy for https:// addresses. The environment variable `HTTPS_PROXY` (or `https_proxy`) sets it too.'),
    http: proxyUrl
      .optional()
      .describe('Proxy for http:// addresses. The environment variable `HTTP_PROXY` (or `http_proxy`) sets it too.'),
    except: text('host names, with commas between them')
      .optional()
      .describe(
        'Hosts that are reached without it, with commas between them: names, which stand for their subdomains too, with or without a port, or `*`. The environment variable `NO_PROXY` (or `no_proxy`) sets it too.',
      ),
    agents: z
      .enum(['on', 'off'], 'on or off')
      .default('off')
      .describe('Whether agents are reached through it too. They usually stand in networks of their own.'),
  },
  'a map of keys: https, http, except, agents',
);

/** A proxy for upstream calls. */
export type ProxyConfig = z.output<typeof proxy>;
