/** The static upstream where nginx is missing, and where answers are to be slow: a process of its own that serves a folder. */
import { createServer } from 'node:http';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileOf, type SignIn } from './fixtureFiles.ts';

const [root = '', port = '0', delayMs = '0', signInFile = ''] = process.argv.slice(2);
const { token, body } = JSON.parse(readFileSync(signInFile, 'utf8')) as SignIn;
const contentType = 'application/json;charset=utf8';
const answers = new Map<string, Buffer>();
let requests = 0;

function answerTo(url: string): Buffer {
  let answer = answers.get(url);
  if (answer === undefined) answers.set(url, (answer = readFileSync(join(root, fileOf(url)))));
  return answer;
}

const server = createServer({ keepAliveTimeout: 3_600_000 }, (request, response) => {
  const { url = '/' } = request;
  if (url === '/requests') return void response.end(`${requests}`);
  requests += 1;
  request.resume();
  if (url === '/v3/auth/tokens')
    return void response.writeHead(201, { 'content-type': contentType, 'x-subject-token': token }).end(body);
  const send = (): void => {
    try {
      const answer = answerTo(url);
      response.writeHead(200, { 'content-type': contentType, 'content-length': answer.length }).end(answer);
    } catch {
      response.writeHead(404).end();
    }
  };
  if (delayMs === '0') send();
  else setTimeout(send, Number(delayMs));
});
server.listen(Number(port), '127.0.0.1', 4096);
