import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { parse } from 'yaml';

/** One reading call of a contract and the example that it answers with. */
export interface ExampleCall {
  readonly operationId: string;
  readonly pattern: RegExp;
  readonly example: unknown;
}

interface MediaType {
  readonly example?: unknown;
}

interface Operation {
  readonly operationId: string;
  readonly responses: Readonly<Record<string, { readonly content?: { readonly 'application/json'?: MediaType } }>>;
}

interface Contract {
  readonly paths: Readonly<Record<string, { readonly get?: Operation }>>;
}

function load(plane: string): Contract {
  return parse(readFileSync(new URL(`../../schema/tics-${plane}.openapi.yaml`, import.meta.url), 'utf8')) as Contract;
}

/** Makes every small number of an example another one, so that none of them can pass for another. */
function distinct(): (example: unknown) => unknown {
  let next = 1000;
  const kept = new Set(['total', 'status']);
  const change = (value: unknown, key = ''): unknown => {
    if (Array.isArray(value)) return value.map((item) => change(item));
    if (typeof value === 'object' && value !== null)
      return Object.fromEntries(Object.entries(value).map(([name, item]) => [name, change(item, name)]));
    if (typeof value !== 'number' || kept.has(key) || Math.abs(value) > 100_000) return value;
    next += 1;
    return Number.isInteger(value) ? next : Number((next / 8192).toFixed(6));
  };
  return (example) => change(example);
}

/** The reading calls of a plane, literal paths before templates. */
export function exampleCalls(plane: 'space' | 'agent'): readonly ExampleCall[] {
  const change = distinct();
  return Object.entries(load(plane).paths)
    .flatMap(([path, { get }]) => (get === undefined ? [] : [{ path, get }]))
    .sort((one, other) => one.path.split('{').length - other.path.split('{').length)
    .map(({ path, get }) => ({
      operationId: get.operationId,
      pattern: new RegExp(`^${path.replace(/\{\w+\}/g, '[^/]+')}$`),
      example: change(get.responses['200']?.content?.['application/json']?.example),
    }));
}

/** A server that answers each reading call of one plane with its example, whatever is asked for. */
export async function startExampleServer(
  calls: readonly ExampleCall[],
): Promise<{ readonly url: string; readonly close: () => Promise<void> }> {
  const server = createServer((request, response) => {
    const path = (request.url ?? '').split('?')[0] ?? '';
    const json = (status: number, body: unknown, headers = {}) =>
      response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(body));
    if (path === '/v3/auth/tokens') return json(201, { token: {} }, { 'x-subject-token': 'example' });
    if (path === '/v1/agent/user/token')
      return json(200, { status: 0, data: { token: 'example', expire_time: '2022-02-26T07:36:33.079+00:00' } });
    const call = calls.find(({ pattern }) => pattern.test(path));
    return call === undefined ? json(404, { error_code: 'NONE', error_msg: 'none' }) : json(200, call.example);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
