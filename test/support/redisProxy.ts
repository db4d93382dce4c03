import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';

/** Stands between replicas and a server, and says what a server in trouble says. */
export interface RedisProxy {
  readonly url: string;
  /** Every command is answered by this error. */
  readonly refuse: (error: string) => void;
  /** Every answer takes so long. */
  readonly delay: (ms: number) => void;
  /** Commands and answers pass as they are. */
  readonly pass: () => void;
  readonly close: () => Promise<void>;
}

const lineEnd = '\r\n';

/** Counts the whole commands at the beginning of what a client sent (RESP arrays of bulk strings), and answers the rest. */
function takeCommands(bytes: Buffer): { readonly count: number; readonly rest: Buffer } {
  let [count, end] = [0, 0];
  for (;;) {
    let at = end;
    const number = (): number | undefined => {
      const stop = bytes.indexOf(lineEnd, at);
      if (stop < 0) return undefined;
      const value = Number(bytes.toString('latin1', at + 1, stop));
      at = stop + lineEnd.length;
      return value;
    };
    const parts = end < bytes.length ? number() : undefined;
    if (parts === undefined) return { count, rest: bytes.subarray(end) };
    for (let part = 0; part < parts; part += 1) {
      const length = number();
      at += (length ?? 0) + lineEnd.length;
      if (length === undefined || at > bytes.length) return { count, rest: bytes.subarray(end) };
    }
    count += 1;
    end = at;
  }
}

export async function startRedisProxy(port: number): Promise<RedisProxy> {
  let refusal: string | undefined;
  let delayMs = 0;
  const sockets = new Set<Socket>();
  const server = createServer((client) => {
    const redis = connect({ port, host: '127.0.0.1' });
    for (const [socket, other] of [
      [client, redis],
      [redis, client],
    ] as const) {
      sockets.add(socket);
      socket
        .on('error', () => undefined)
        .once('close', () => {
          sockets.delete(socket);
          other.destroy();
        });
    }
    let unread = Buffer.alloc(0);
    client.on('data', (bytes) => {
      if (refusal === undefined) return void redis.write(bytes);
      const { count, rest } = takeCommands(Buffer.concat([unread, bytes]));
      unread = Buffer.from(rest);
      client.write(`-${refusal}${lineEnd}`.repeat(count));
    });
    redis.on('data', (bytes) => {
      if (delayMs === 0) client.write(bytes);
      else setTimeout(() => client.write(bytes), delayMs);
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `redis://127.0.0.1:${(server.address() as AddressInfo).port}`,
    refuse: (error) => {
      refusal = error;
    },
    delay: (ms) => {
      delayMs = ms;
    },
    pass: () => {
      refusal = undefined;
      delayMs = 0;
      // What was delayed would be overtaken.
      sockets.forEach((socket) => socket.destroy());
    },
    close: async () => {
      sockets.forEach((socket) => socket.destroy());
      server.close();
      await once(server, 'close');
    },
  };
}
