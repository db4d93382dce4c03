/** The load: a process of its own that keeps so many connections busy for so long, and compares every answer. */
import { setTimeout as sleep } from 'node:timers/promises';
import { Connection, requestBytes } from './connection.ts';
import { faultOf } from './difference.ts';
import type { LoadResult, LoadTask } from './loadTask.ts';
import { percentile } from './statistics.ts';

/** Answers that were found right once are known by their bytes. More than a few say that each one differs. */
const knownAnswers = 4;

/** The code of what an operation's time limit cut. The upstream is never that slow. */
const timeIsUp = '"UPSTREAM_TIMEOUT"';

/** Compares answers with the reference: by their bytes where they can be, else by what they say. */
function createComparison(reference: unknown): (body: Buffer) => string | undefined {
  const known: Buffer[] = [];
  return (body) => {
    if (reference === undefined || known.some((bytes) => bytes.equals(body))) return undefined;
    const fault = faultOf(body, reference);
    if (fault === undefined && known.length < knownAnswers) known.push(Buffer.from(body));
    return fault;
  };
}

async function run(task: LoadTask): Promise<LoadResult> {
  const { port, method, path, headers, body, connections, seconds, honorsRetryAfter = false } = task;
  const requests = path.map((one) => requestBytes(method, one, headers, body));
  const compare = createComparison(task.reference);
  const latenciesMs: number[] = [];
  let refused = 0;
  let late = 0;
  let wrong = 0;
  let failed = 0;
  let bodyBytes = 0;
  let firstWrong: string | undefined;
  const startedAt = performance.now();
  const endAt = startedAt + seconds * 1000;

  const use = async (index: number): Promise<void> => {
    const connection = new Connection(port);
    for (let turn = index; performance.now() < endAt; turn += 1) {
      const sentAt = performance.now();
      const answer = await connection.send(requests[turn % requests.length] ?? Buffer.alloc(0));
      if (answer === undefined) {
        failed += 1;
        // Whoever closes connections is not to be asked in a tight loop.
        await sleep(10);
        continue;
      }
      if (answer.status === 503 || answer.status === 429) {
        refused += 1;
        if (honorsRetryAfter)
          await sleep(Math.min(answer.retryAfterSeconds * 1000, Math.max(0, endAt - performance.now())));
        continue;
      }
      const answeredAfterMs = performance.now() - sentAt;
      const fault = answer.status < 300 ? compare(answer.body) : answer.body.toString().slice(0, 600);
      if (fault === undefined) {
        latenciesMs.push(answeredAfterMs);
        bodyBytes = answer.body.length;
      } else if (answer.body.includes(timeIsUp)) late += 1;
      else {
        wrong += 1;
        firstWrong ??= `${answer.status} ${fault}`;
      }
    }
    connection.close();
  };
  await Promise.all(Array.from({ length: connections }, (_, index) => use(index)));
  return {
    good: latenciesMs.length,
    refused,
    late,
    wrong,
    failed,
    bodyBytes,
    ...(firstWrong !== undefined && { firstWrong }),
    seconds: (performance.now() - startedAt) / 1000,
    p50Ms: percentile(latenciesMs, 0.5),
    p99Ms: percentile(latenciesMs, 0.99),
  };
}

process.on('message', (task: LoadTask) => void run(task).then((result) => process.send?.(result)));
process.once('disconnect', () => process.exit(0));
process.send?.('ready');
