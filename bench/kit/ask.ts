import { Connection, requestBytes } from './connection.ts';
import { faultOf } from './difference.ts';
import type { Question } from './subject.ts';

/** Asks once. @throws Error when nothing, or anything but the reference, is answered */
export async function askOnce(
  port: number,
  { method, path, body, reference }: Question,
  headers: Readonly<Record<string, string>> = {},
): Promise<void> {
  const connection = new Connection(port);
  try {
    const answer = await connection.send(requestBytes(method, path[0] ?? '/', headers, body));
    const fault = answer === undefined ? 'the connection was closed' : faultOf(answer.body, reference);
    if (fault !== undefined) throw new Error(fault);
  } finally {
    connection.close();
  }
}
