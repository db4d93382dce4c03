import type { IncomingMessage } from 'node:http';
import { credentialHeaders } from '../callers/callers.ts';

/** The headers of the upgrade that operations on the connection have too. */
export function headersOf({ headers }: IncomingMessage): Headers {
  return new Headers(
    Object.entries(headers).flatMap(([name, value]): [string, string][] =>
      value === undefined || /^(connection|upgrade|last-event-id|sec-websocket-.*)$/.test(name)
        ? []
        : [[name, String(value)]],
    ),
  );
}

/** Either names the caller. */
const keyHeaders: readonly string[] = ['x-api-key', 'authorization'];

/**
 * Credentials in the payload of `connection_init` replace the headers of the upgrade. A field that comes twice, in other letters,
 * is joined as a header would be: of two keys neither is chosen.
 */
export function takeCredentials(headers: Headers, fields: Readonly<Record<string, unknown>> = {}): void {
  const taken = Object.entries(fields).flatMap(([name, value]): [string, string][] => {
    const header = credentialHeaders.find((known) => known === name.toLowerCase());
    // Several `X-Agent-Token` may come as a list. Joining lists of lists, as deep as a frame holds, would overflow the stack.
    const isList = Array.isArray(value) && value.every((item) => typeof item === 'string');
    const text = isList ? value.join(',') : value;
    return header !== undefined && typeof text === 'string' && /^[\x20-\x7e]*$/.test(text) ? [[header, text]] : [];
  });
  const replaced = taken.some(([header]) => keyHeaders.includes(header)) ? keyHeaders : [];
  for (const header of [...replaced, ...taken.map(([name]) => name)]) headers.delete(header);
  for (const [header, text] of taken) headers.append(header, text);
}
