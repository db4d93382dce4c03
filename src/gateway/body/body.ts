import type { ReadableStream } from 'node:stream/web';
import { GraphQLError } from 'graphql';
import type { PluginRequest } from '../plugin.ts';

/** JDBC drivers are a few megabytes. */
export const maxFileBytes = 64_000_000;

/** Operations of the largest clients are a few kilobytes. */
export const maxTextBytes = 100_000;

export function refuse(message: string, status = 400, headers: Readonly<Record<string, string>> = {}): GraphQLError {
  return new GraphQLError(message, { extensions: { code: 'BAD_REQUEST', http: { status, headers } } });
}

export function tooLarge(maxBytes: number): GraphQLError {
  return refuse(`The request is larger than ${maxBytes} bytes. Send less at once.`, 413);
}

/** The chunks of a body that is there. */
export function bytesOf(request: PluginRequest): AsyncIterable<Uint8Array> {
  return request.body as ReadableStream<Uint8Array>;
}

/** `Content-Length`; undefined for chunked bodies. */
export function lengthOf({ headers }: PluginRequest): number | undefined {
  const length = headers.get('content-length');
  return length === null ? undefined : Number(length);
}

export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}
