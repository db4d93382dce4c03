/**
 * What HTTP itself costs: bodies that never change. The file holds them by their paths.
 *
 * usage: node --import tsx bench/subjects/constant.ts PORT FILE
 */
import { createServer } from 'node:http';
import { readFileSync } from 'node:fs';

const [port = '', file = ''] = process.argv.slice(2);
const texts = JSON.parse(readFileSync(file, 'utf8')) as Record<string, string>;
const bodies = new Map(Object.entries(texts).map(([path, text]) => [path, Buffer.from(text)]));

createServer((request, response) => {
  request.resume();
  const body = bodies.get(request.url ?? '');
  if (body === undefined) return void response.writeHead(404).end();
  response.writeHead(200, { 'content-type': 'application/json', 'content-length': body.length }).end(body);
}).listen(Number(port), '127.0.0.1');
