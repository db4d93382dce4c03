import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';

/** Where a replica listens. */
export interface Replica {
  readonly host: string;
  readonly port: number;
}

/** Hands connections to replicas in turn. */
export interface Balancer {
  readonly port: number;
  readonly close: () => void;
}

/** The first replica that takes a connection, from one place on. */
async function connectToOne(replicas: readonly Replica[], from: number): Promise<Socket | undefined> {
  for (let tried = 0; tried < replicas.length; tried += 1) {
    const replica = replicas[(from + tried) % replicas.length];
    if (replica === undefined) continue;
    const socket = connect({ ...replica });
    try {
      await once(socket, 'connect');
      return socket;
    } catch {
      socket.destroy();
    }
  }
  return undefined;
}

/**
 * Balances TCP connections on loopback, so that WebSockets and server-sent events pass as they are. A replica that refuses is
 * passed over; one that ends closes its connections, as a load balancer would see it.
 *
 * @param replicas - those that run at the moment
 */
export async function startBalancer(port: number, replicas: () => readonly Replica[]): Promise<Balancer> {
  let turn = 0;
  const sockets = new Set<Socket>();
  const server = createServer({ pauseOnConnect: true }, (client) => {
    sockets.add(client);
    client.once('close', () => sockets.delete(client)).on('error', () => client.destroy());
    turn += 1;
    void connectToOne(replicas(), turn).then((replica) => {
      if (replica === undefined || client.destroyed) {
        client.destroy();
        replica?.destroy();
        return;
      }
      replica.on('error', () => client.destroy()).once('close', () => client.destroy());
      client.once('close', () => replica.destroy());
      replica.pipe(client);
      client.pipe(replica);
    });
  });
  server.listen(port, '127.0.0.1');
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    close: () => {
      server.close();
      for (const socket of sockets) socket.destroy();
    },
  };
}
