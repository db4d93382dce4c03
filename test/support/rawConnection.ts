import { connect, type Socket } from 'node:net';

/** Opens a TCP connection to the server of a URL, to send what no HTTP client sends. */
export function connectTo(url: string, options: { readonly allowHalfOpen?: boolean } = {}): Socket {
  return connect({ port: Number(new URL(url).port), host: '127.0.0.1', ...options });
}
