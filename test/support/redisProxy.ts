import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';

/** Stands between replicas and a server, and says what a server in trouble says. */
export interface RedisProxy {
  readonly url: string;
  /** Every command is answered by this error. Those that greet a server are answered by it where the error refuses writes alone. */
  readonly refuse: (error: string) => void;
  /** Every answer takes so long. */
  readonly delay: (ms: number) => void;
  /** Commands and answers pass as they are. */
  readonly pass: () => void;
  readonly close: () => Promise<void>;
}

const lineEnd = '\r\n';

/** Errors with which a server refuses writes, and nothing else. */
const refusesWrites = /^(READONLY|OOM|MISCONF)\b/;

/** What a client sends when it connects, or subscribes. A server that refuses writes answers them. */
const greetings = /^(INFO|CLIENT|HELLO|AUTH|SELECT|SUBSCRIBE|UNSUBSCRIBE)$/i;

/** One command as it was sent. */
interface Command {
  readonly name: string;
  readonly bytes: Buffer;
}

/** The whole commands at the beginning of what a client sent (RESP arrays of bulk strings), and the rest. */
function takeCommands(bytes: Buffer): { readonly commands: readonly Command[]; readonly rest: Buffer } {
  const commands: Command[] = [];
  let end = 0;
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
    if (parts === undefined) return { commands, rest: bytes.subarray(end) };
    let name = '';
    for (let part = 0; part < parts; part += 1) {
      const length = number();
      if (part === 0) name = bytes.toString('latin1', at, at + (length ?? 0));
      at += (length ?? 0) + lineEnd.length;
      if (length === undefined || at > bytes.length) return { commands, rest: bytes.subarray(end) };
    }
    commands.push({ name, bytes: bytes.subarray(end, at) });
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
      const { commands, rest } = takeCommands(Buffer.concat([unread, bytes]));
      unread = Buffer.from(rest);
      for (const command of commands) {
        if (refusesWrites.test(refusal) && greetings.test(command.name)) redis.write(command.bytes);
        else client.write(`-${refusal}${lineEnd}`);
      }
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
