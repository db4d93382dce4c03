import { EventEmitter } from 'node:events';
import type { Server } from 'node:http';
import { Duplex } from 'node:stream';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { answerOnConnection } from '../../src/server/answers.ts';
import { cutStalled } from '../../src/server/slowClients.ts';

const stalledMs = 30_000;
let server: EventEmitter;
let end: () => void;

beforeEach(() => {
  vi.useFakeTimers();
  server = new EventEmitter();
  end = cutStalled(server as Server, stalledMs);
});
afterEach(() => {
  end();
  vi.useRealTimers();
});

/** A connection on which so much was written, and so much of it still waits. */
function connection(bytesWritten: number, writableLength: number) {
  const socket = Object.assign(new EventEmitter(), {
    bytesWritten,
    writableLength,
    isCut: false,
    destroy: () => {
      socket.isCut = true;
      socket.emit('close');
    },
  });
  server.emit('connection', socket);
  return socket;
}

test('a connection on which something waits and nothing is taken is cut within the time', () => {
  const socket = connection(1_000, 500);
  vi.advanceTimersByTime(stalledMs / 2);
  expect(socket.isCut).toBe(false);
  vi.advanceTimersByTime(stalledMs / 2);
  expect(socket.isCut).toBe(true);
});

test('one that takes little by little is not', () => {
  const socket = connection(1_000, 500);
  for (let taken = 0; taken < 20; taken += 1) {
    vi.advanceTimersByTime(stalledMs / 2);
    socket.writableLength -= 1;
  }
  expect(socket.isCut).toBe(false);
});

test('neither is one on which nothing waits', () => {
  const socket = connection(1_000, 0);
  vi.advanceTimersByTime(10 * stalledMs);
  expect(socket.isCut).toBe(false);
});

test('no connection is checked after it closed, nor after the end of all', () => {
  const [closed, open] = [connection(1_000, 500), connection(1_000, 500)];
  closed.emit('close');
  vi.advanceTimersByTime(stalledMs / 2);
  end();
  vi.advanceTimersByTime(10 * stalledMs);
  expect([closed.isCut, open.isCut]).toEqual([false, false]);
});

test('a client that is refused and reads nothing is not waited for', () => {
  // It never calls back that something was written.
  const connection = new Duplex({ read: () => undefined, write: () => undefined });
  answerOnConnection(connection, { status: '404 Not Found', message: 'None.', extensions: { code: 'NOT_FOUND' } });
  vi.advanceTimersByTime(900);
  expect(connection.destroyed).toBe(false);
  vi.advanceTimersByTime(200);
  expect(connection.destroyed).toBe(true);
});
