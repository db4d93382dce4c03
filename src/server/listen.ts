import { createServer as createTcpServer, type Server } from 'node:net';

function inUse(host: string, port: number): Error {
  return new Error(
    [
      `Port ${port} of ${host} is in use. Start the gateway on another one:`,
      '',
      `  PORT=${port + 1} npm start`,
      '',
      'or set `port` (or `metricsPort`, `admin.port`) in the configuration.',
    ].join('\n'),
  );
}

/**
 * Starts to listen.
 *
 * @returns the URL, for example `http://127.0.0.1:4000`
 * @throws Error when the port is in use; its message says what to do
 */
export function listen(server: Server, host: string, port: number): Promise<string> {
  return new Promise((resolve, reject) => {
    const fail = (error: NodeJS.ErrnoException): void =>
      reject(error.code === 'EADDRINUSE' ? inUse(host, port) : error);
    server.once('error', fail);
    server.listen(port, host, () => {
      server.off('error', fail);
      const bound = server.address();
      if (bound === null || typeof bound === 'string') return reject(new Error('The server has no address.'));
      resolve(`http://${bound.family === 'IPv6' ? `[${bound.address}]` : bound.address}:${bound.port}`);
    });
  });
}

/** Fails early when a port is in use. @throws Error as {@link listen} does */
export async function assertPortsFree(
  addresses: readonly { readonly host: string; readonly port: number }[],
): Promise<void> {
  for (const { host, port } of addresses) {
    if (port === 0) continue;
    const server = createTcpServer();
    await listen(server, host, port);
    await new Promise((resolve) => server.close(resolve));
  }
}
