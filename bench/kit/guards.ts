import { Connection, requestBytes } from './connection.ts';
import { q1 } from './queries.ts';
import type { RunningSubject } from './subject.ts';
import type { StaticUpstream } from './upstream.ts';

/** A request that the gateway's front must refuse before anything is executed. */
interface Refusable {
  readonly method: 'GET' | 'POST';
  readonly path?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

const json = { 'content-type': 'application/json' };
const operation = JSON.stringify({ query: q1 });
const mutation = 'mutation { stopInstance(input: { id: "Instance:a/b" }) { userErrors { code } } }';

/** One of each kind. A guard that is added to the front gets a line here, so that no figure is measured without it. */
export const guards: Readonly<Record<string, Refusable>> = {
  'no JSON': { method: 'POST', headers: json, body: '{"query": ' },
  'no GraphQL': { method: 'POST', headers: json, body: JSON.stringify({ query: '{ leagues(' }) },
  'a field that is not there': { method: 'POST', headers: json, body: JSON.stringify({ query: '{ nothing }' }) },
  'an argument of the wrong type': {
    method: 'POST',
    headers: json,
    body: JSON.stringify({ query: q1.replace('first: 20', 'first: "20"') }),
  },
  'a variable of the wrong type': {
    method: 'POST',
    headers: json,
    body: JSON.stringify({
      query: 'query ($first: Int) { leagues(first: $first) { nodes { id } } }',
      variables: { first: 'many' },
    }),
  },
  'no query': { method: 'POST', headers: json, body: '{}' },
  'a batch': { method: 'POST', headers: json, body: `[${operation},${operation}]` },
  'an operation that is not named': {
    method: 'POST',
    headers: json,
    body: JSON.stringify({ query: `query A ${q1} query B ${q1}` }),
  },
  'a body of 200 kB': {
    method: 'POST',
    headers: json,
    body: JSON.stringify({ query: q1, extensions: { padding: 'x'.repeat(200_000) } }),
  },
  'plain text': { method: 'POST', headers: { 'content-type': 'text/plain' }, body: operation },
  'an HTML form': {
    method: 'POST',
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    body: `query=${encodeURIComponent(q1)}`,
  },
  'a multipart form of another page': {
    method: 'POST',
    headers: { 'content-type': 'multipart/form-data; boundary=x' },
    body: `--x\r\ncontent-disposition: form-data; name="operations"\r\n\r\n${operation}\r\n--x--\r\n`,
  },
  'a mutation by GET': { method: 'GET', path: `/graphql?query=${encodeURIComponent(mutation)}` },
  'a Host header that is no host': { method: 'POST', headers: { ...json, host: 'no host' }, body: operation },
  'another path': { method: 'POST', path: '/elsewhere', headers: json, body: operation },
};

/** What became of a request that must be refused. */
interface Verdict {
  readonly guard: string;
  readonly status: number | undefined;
  readonly isExecuted: boolean;
}

async function tryGuard(port: number, { method, path = '/graphql', headers, body }: Refusable) {
  const connection = new Connection(port);
  try {
    return await connection.send(requestBytes(method, path, headers, body));
  } finally {
    connection.close();
  }
}

function holdsData(body: string): boolean {
  try {
    const { data } = JSON.parse(body) as { data?: unknown };
    return data !== undefined && data !== null;
  } catch {
    return false;
  }
}

/** Sends each of them. One is executed when it is answered with data, or when upstream is asked for anything. */
export async function tryGuards({ port }: RunningSubject, upstream: StaticUpstream): Promise<readonly Verdict[]> {
  const verdicts: Verdict[] = [];
  for (const [guard, request] of Object.entries(guards)) {
    const before = await upstream.requests();
    const answer = await tryGuard(port, request);
    const asked = (await upstream.requests()) - before;
    const isAnswered = answer !== undefined && answer.status < 400 && holdsData(answer.body.toString());
    verdicts.push({ guard, status: answer?.status, isExecuted: isAnswered || asked > 0 });
  }
  return verdicts;
}

/** @throws Error that names the guards that are missing */
export function demandRefused(verdicts: readonly Verdict[]): void {
  const executed = verdicts.filter(({ isExecuted }) => isExecuted).map(({ guard }) => guard);
  if (executed.length > 0) throw new Error(`executed instead of refused: ${executed.join(', ')}`);
}
