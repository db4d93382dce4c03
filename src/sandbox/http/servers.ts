import { createServer as createHttpServer, type Server } from 'node:http';
import { createServer as createHttpsServer, type Server as TlsServer } from 'node:https';
import type { RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { generate } from 'selfsigned';
import { isOnline, type Agent } from '../model/world.ts';

/** All servers bind to loopback only. */
export const loopback = '127.0.0.1';

/** Longer than the pauses between a client's requests. */
const keepAliveTimeoutMs = 65_000;

function tryListen(server: Server | TlsServer, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, loopback, () => {
      server.off('error', reject);
      resolve();
    });
  });
}

/** Listens on the given port if it is free, else on any. */
async function listen(server: Server | TlsServer, port: number): Promise<number> {
  server.keepAliveTimeout = keepAliveTimeoutMs;
  try {
    await tryListen(server, port);
  } catch (error) {
    if (port === 0 || (error as NodeJS.ErrnoException).code !== 'EADDRINUSE') throw error;
    await tryListen(server, 0);
  }
  return (server.address() as AddressInfo).port;
}

function close(server: Server | TlsServer): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });
}

/** An HTTP server. */
export interface PlainServer {
  readonly port: number;
  readonly url: string;
  close(): Promise<void>;
}

export async function startPlainServer(listener: RequestListener, port: number): Promise<PlainServer> {
  const server = createHttpServer(listener);
  const bound = await listen(server, port);
  return { port: bound, url: `http://${loopback}:${bound}`, close: () => close(server) };
}

interface KeyPair {
  readonly key: string;
  readonly cert: string;
}

async function createCertificate(agent: Agent): Promise<KeyPair> {
  const made = await generate([{ name: 'commonName', value: agent.id }], {
    keyType: 'ec',
    algorithm: 'sha256',
    extensions: [
      { name: 'basicConstraints', cA: true },
      { name: 'keyUsage', digitalSignature: true, keyCertSign: true },
      { name: 'subjectAltName', altNames: [{ type: 7, ip: loopback }] },
    ],
  });
  return { key: made.private, cert: made.cert };
}

/** The HTTPS server of one agent, with a self-signed certificate. */
export interface AgentServer {
  /** PEM. */
  readonly certificate: string;
  /** Opens or closes the agent's port. */
  setListening(isListening: boolean): Promise<void>;
  /** Listens on another port, as after a failover. */
  move(port: number): Promise<number>;
  renewCertificate(): Promise<void>;
  close(): Promise<void>;
}

/**
 * Starts an agent's server and stores its address in the agent. An agent that is offline has an address where nobody
 * listens.
 */
export async function startAgentServer(agent: Agent, listener: RequestListener, port: number): Promise<AgentServer> {
  let pair = await createCertificate(agent);
  let server: TlsServer | undefined;

  const open = async (asked: number): Promise<void> => {
    const opened = createHttpsServer(pair, listener);
    server = opened;
    // `closeAllConnections` knows none whose handshake is not over.
    opened.on('secureConnection', (connection) => {
      if (!opened.listening) connection.destroy();
    });
    agent.consolePort = await listen(opened, asked);
  };
  const stop = async (): Promise<void> => {
    const closing = server;
    server = undefined;
    if (closing !== undefined) await close(closing);
  };

  agent.consoleIp = loopback;
  await open(port);
  if (!isOnline(agent)) await stop();

  return {
    get certificate() {
      return pair.cert;
    },
    async setListening(isListening) {
      if (isListening === (server !== undefined)) return;
      await (isListening ? open(agent.consolePort) : stop());
    },
    async move(asked) {
      const before = server;
      await open(asked);
      if (before === undefined) await stop();
      else await close(before);
      return agent.consolePort;
    },
    async renewCertificate() {
      pair = await createCertificate(agent);
      server?.setSecureContext(pair);
      server?.closeAllConnections();
    },
    close: stop,
  };
}
