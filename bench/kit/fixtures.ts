import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { startSandbox } from '../../src/sandbox/start.ts';
import { answer, paths, pagesOf, type Get } from './answer.ts';
import { fileOf, type SignIn } from './fixtureFiles.ts';
import type { Ask } from './queries.ts';
import type { ListAnswer } from './rows.ts';

/** One tenant whose answers were recorded. */
export interface World {
  readonly projectId: string;
  readonly region: string;
  readonly account: { readonly domain: string; readonly user: string; readonly password: string };
  /** The recorded answers, by their paths. */
  readonly recorded: Get;
  /** The reference: the `data` that a query must be answered with. */
  readonly reference: (ask: Ask) => Promise<object>;
}

/** Which answers are recorded, and from how large a tenant. */
export interface WorldSize {
  /** Another seed is another project. */
  readonly seed: number;
  readonly leagues: number;
  /** Instances of the first league that are recorded as pages of 100; 0 for none. */
  readonly rows?: number;
  /** Rows of datasets come without their columns. */
  readonly isNarrow?: boolean;
}

function withoutColumns(text: string): string {
  return JSON.stringify(JSON.parse(text, (name, value: unknown) => (/^column_?list$/i.test(name) ? [] : value)));
}

/** Instances of a league of the embedded TICS at scale 1. */
const instancesALeague = 300;

/**
 * Starts an embedded TICS, signs in, and writes its answers into a folder: all that `paths` names for a tenant of this size.
 *
 * @throws Error when it answers anything but 200.
 */
export async function recordWorld(directory: string, size: WorldSize): Promise<{ world: World; signIn: SignIn }> {
  const { seed, leagues, rows = 0, isNarrow = false } = size;
  const tics = await startSandbox({
    seed,
    speed: 0,
    ownedLeagues: leagues,
    joinedLeagues: 0,
    agents: leagues,
    scale: Math.max(1, Math.ceil(rows / instancesALeague)),
  });
  const { projectId, region, account } = tics;
  try {
    const { user: name, password, domain } = account;
    const signedIn = await fetch(`${tics.iamUrl}/v3/auth/tokens`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({
        auth: {
          identity: { methods: ['password'], password: { user: { name, password, domain: { name: domain } } } },
          scope: { project: { id: projectId } },
        },
      }),
    });
    const signIn = { token: signedIn.headers.get('x-subject-token') ?? '', body: await signedIn.text() };
    const recorded = new Map<string, string>();
    const get: Get = async <Row>(path: string) => {
      const response = await fetch(`${tics.spaceUrl}/v1/${projectId}${path}`, {
        headers: { 'x-auth-token': signIn.token, 'x-language': 'en_us' },
      });
      if (response.status !== 200) throw new Error(`the embedded TICS answered ${path} with ${response.status}`);
      const text = await response.text();
      recorded.set(path, isNarrow ? withoutColumns(text) : text);
      return JSON.parse(recorded.get(path) ?? '') as ListAnswer<Row>;
    };
    await recordAll(get, size);
    for (const [path, text] of recorded) {
      const file = join(directory, fileOf(`/v1/${projectId}${path}`));
      await mkdir(dirname(file), { recursive: true });
      await writeFile(file, text);
    }
    const replay: Get = <Row>(path: string) => Promise.resolve(JSON.parse(recorded.get(path) ?? '') as ListAnswer<Row>);
    return {
      world: { projectId, region, account, recorded: replay, reference: (ask) => answer(replay, ask) },
      signIn,
    };
  } finally {
    await tics.close();
  }
}

async function recordAll(get: Get, { leagues, rows = 0 }: WorldSize): Promise<void> {
  await answer(get, { kind: 'overview', leagues });
  await answer(get, { kind: 'list' });
  if (rows === 0) return;
  const { lists } = await get<{ id: string }>(paths.leagues(1));
  const [first] = lists;
  if (first === undefined) throw new Error('the embedded TICS has no league');
  for (const [offset, limit] of [...pagesOf(rows), [0, 10] as const])
    await get(paths.instances(first.id, offset, limit));
}
