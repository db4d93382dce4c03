import http, { type IncomingMessage } from 'node:http';
import https from 'node:https';
import { readConfig } from '../config/config.ts';

const timeoutMs = 2_500;

/** Asks the gateway that runs by the same configuration. */
export async function isHealthy(): Promise<boolean> {
  const { host: listening, port, tls } = readConfig();
  const host = { '0.0.0.0': '127.0.0.1', '::': '::1' }[listening] ?? listening;
  const { get } = tls === undefined ? http : https;
  // It asks itself: the names in the certificate are for others.
  const options = { host, port, path: '/healthz', rejectUnauthorized: false, timeout: timeoutMs };
  const { statusCode } = await new Promise<IncomingMessage>((resolve, reject) => {
    const request = get(options, resolve).once('error', reject);
    request.once('timeout', () => request.destroy(new Error(`No answer within ${timeoutMs} ms.`)));
  });
  return statusCode === 200;
}
