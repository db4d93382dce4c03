import { z } from 'zod';
import { baseUrl, port, text } from './values.ts';

const pageOrigin = 'the origin of a page, such as https://console.example.com';

function isOrigin(origin: string): boolean {
  return URL.canParse(origin) && new URL(origin).origin === origin;
}

/** Where the gateway listens, and under which address callers know it. These keys stand at the top of the file. */
export const listening = {
  port: port
    .prefault(4000)
    .describe('Port of the API. 0 takes any free one. The environment variable `PORT` overrides it.'),
  metricsPort: port.optional().describe('Port of `/metrics`. Default: the port of the API.'),
  host: text('an address to listen on')
    .default('127.0.0.1')
    .describe('Address to listen on. The environment variable `HOST` overrides it.'),
  publicUrl: baseUrl('the address that callers use, such as https://tics.example.com')
    .optional()
    .describe('Address that callers use, such as `https://tics.example.com`. Pages of its origin may open WebSockets.'),
  origins: z
    .array(z.string(pageOrigin).refine(isOrigin, pageOrigin), 'a list of origins')
    .optional()
    .describe('Other origins whose pages may open WebSockets, such as `https://console.example.com`.'),
};
