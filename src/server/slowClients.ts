import type { Server } from 'node:http';
import type { Socket } from 'node:net';
import { connectionEvent } from './connections.ts';

const checksPerLimit = 6;

/**
 * Destroys connections whose peers do not read: data waits to be written, and none was written for `stalledMs`. Covers plain
 * answers, server-sent events and WebSockets.
 *
 * @returns stops it
 */
export function cutStalled(server: Server, stalledMs: number): () => void {
  const open = new Map<Socket, { written: number; unchanged: number }>();
  server.on(connectionEvent(server), (socket: Socket) => {
    if (open.has(socket)) return;
    open.set(socket, { written: 0, unchanged: 0 });
    socket.once('close', () => open.delete(socket));
  });
  const timer = setInterval(() => {
    for (const [socket, seen] of open) {
      // `bytesWritten` includes what Node still buffers.
      const written = socket.bytesWritten - socket.writableLength;
      const isStalled = socket.writableLength > 0 && written === seen.written;
      seen.unchanged = isStalled ? seen.unchanged + 1 : 0;
      seen.written = written;
      if (seen.unchanged >= checksPerLimit - 1) socket.destroy();
    }
  }, stalledMs / checksPerLimit).unref();
  return () => clearInterval(timer);
}
