import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Gateway } from './gateway.ts';
import { servePage } from './graphiql.ts';

/** A listening gateway. */
export interface GatewayServer {
  /** Where it listens, for example `http://127.0.0.1:4000`. */
  readonly url: string;
  /** Refuses new work, lets requests in flight finish, and closes. */
  readonly close: () => Promise<void>;
}

/** Where to listen. */
export interface ServerOptions {
  readonly host: string;
  readonly port: number;
}

const answerJson = (response: ServerResponse, status: number, body: object): void => {
  response.writeHead(status, { 'content-type': 'application/json', 'cache-control': 'no-store' });
  response.end(JSON.stringify(body));
};

/** Requests that are not finished after this long are cut when the gateway stops. */
const drainTimeoutMs = 9_000;

const listen = (server: Server, { host, port }: ServerOptions): Promise<AddressInfo> =>
  new Promise((resolve, reject) => {
    const fail = (error: NodeJS.ErrnoException): void =>
      reject(
        error.code === 'EADDRINUSE'
          ? new Error(`Port ${port} of ${host} is in use. Choose another one: PORT, or port in the configuration.`)
          : error,
      );
    server.once('error', fail);
    server.listen(port, host, () => {
      server.off('error', fail);
      resolve(server.address() as AddressInfo);
    });
  });

/** Listens for HTTP: `/graphql`, GraphiQL at `/`, the probes `/healthz` and `/readyz`, and `/metrics`. */
export const startServer = async (gateway: Gateway, options: ServerOptions): Promise<GatewayServer> => {
  let draining = false;

  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const path = (request.url ?? '/').split('?', 1)[0];
    if (path === '/healthz') return answerJson(response, 200, { status: 'alive' });
    if (path === '/readyz')
      return answerJson(response, draining ? 503 : 200, { status: draining ? 'draining' : 'ready' });
    if (path === '/metrics') {
      const { metrics } = gateway;
      const text = await metrics.text();
      return void response
        .writeHead(200, { 'content-type': metrics.contentType, 'cache-control': 'no-store' })
        .end(text);
    }
    if (path === '/graphql') {
      // Yoga makes a URL of it, and answers with a stack trace where it can't.
      if (!URL.canParse(`http://${request.headers.host ?? ''}`))
        return answerJson(response, 400, {
          errors: [{ message: 'The Host header is no host.', extensions: { code: 'BAD_REQUEST' } }],
        });
      if (request.method === 'GET' && request.headers.accept?.includes('text/html'))
        return servePage(request, response);
      await gateway.yoga(request, response);
      return;
    }
    if (path === '/') return void response.writeHead(302, { location: '/graphql' }).end();
    answerJson(response, 404, { errors: [{ message: 'Nothing is here. The API is at /graphql.' }] });
  };

  const server = createServer((request, response) => {
    // The connection of a request that ends while the gateway stops is idle from then on, and would be waited for.
    response.once('close', () => {
      if (draining) setImmediate(() => server.closeIdleConnections());
    });
    answer(request, response).catch(() => {
      if (!response.headersSent) answerJson(response, 500, { errors: [{ message: 'The gateway failed.' }] });
      else response.destroy();
    });
  });
  const { address, port, family } = await listen(server, options);

  return {
    url: `http://${family === 'IPv6' ? `[${address}]` : address}:${port}`,
    close: async () => {
      draining = true;
      const cut = setTimeout(() => server.closeAllConnections(), drainTimeoutMs);
      await new Promise<void>((resolve) => {
        server.close(() => resolve());
        server.closeIdleConnections();
      });
      clearTimeout(cut);
      await gateway.close();
    },
  };
};
