/**
 * What the same calls cost by hand: node:http and undici's `pool.request`, no GraphQL. With `--cached` an answer of upstream is
 * kept as parsed values for as long as the process lives.
 *
 * usage: node --import tsx bench/subjects/raw.ts PORT UPSTREAM_URL PROJECT_ID [--cached]
 */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { answer, type Get } from '../kit/answer.ts';
import { signIn } from '../kit/signIn.ts';
import { askAt } from './asks.ts';

const [port = '', upstream = '', projectId = '', cached] = process.argv.slice(2);
const { pool, headers } = await signIn(upstream);

const read: Get = async (path) => {
  const { statusCode, body } = await pool.request({ path: `/v1/${projectId}${path}`, method: 'GET', headers });
  if (statusCode !== 200) throw new Error(`upstream answered ${path} with ${statusCode}`);
  return (await body.json()) as Awaited<ReturnType<typeof read<never>>>;
};

const kept = new Map<string, ReturnType<Get>>();
const readKept: Get = <Row>(path: string) => {
  let value = kept.get(path);
  if (value === undefined) kept.set(path, (value = read(path)));
  return value as ReturnType<typeof read<Row>>;
};

const get = cached === undefined ? read : readKept;

async function respond(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  const body = JSON.stringify({ data: await answer(get, askAt(request.url ?? '')) });
  response.writeHead(200, { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) }).end(body);
}

createServer((request, response) => {
  respond(request, response).catch((error: unknown) => response.writeHead(502).end(String(error)));
}).listen(Number(port), '127.0.0.1');
