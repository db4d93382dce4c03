import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { Gateway } from '../gateway/gateway.ts';
import { answerJson, answerOddRequests, answerRead, type AnswerRead } from './answers.ts';
import { pathOf } from './targets.ts';

/** Handlers of probes and metrics. */
export interface Probes {
  /** `/healthz`: the process is alive. */
  readonly answerHealth: (response: ServerResponse) => void;
  /** `/readyz`: the status for everyone, details about upstreams for operators only. */
  readonly answerReadiness: (response: ServerResponse, isForOperators: boolean) => Promise<void>;
  readonly answerMetrics: (response: ServerResponse) => Promise<void>;
}

export function createProbes(
  { readiness, metrics }: Pick<Gateway, 'readiness' | 'metrics'>,
  isDraining: () => boolean,
): Probes {
  return {
    answerHealth: (response) => answerJson(response, 200, { status: 'alive' }),
    answerReadiness: async (response, isForOperators) => {
      // Does not wait for probes of the upstreams.
      if (isDraining()) return answerJson(response, 503, { status: 'draining' });
      const { status, ...upstreams } = await readiness();
      const isReady = !isDraining() && (status === 'ready' || status === 'degraded');
      const shownStatus = isDraining() ? 'draining' : status;
      answerJson(response, isReady ? 200 : 503, { status: shownStatus, ...(isForOperators && upstreams) });
    },
    answerMetrics: async (response) => {
      const text = await metrics.text();
      response.writeHead(200, { 'content-type': metrics.contentType, 'cache-control': 'no-store' }).end(text);
    },
  };
}

/** The listener for operators: `/metrics`, `/readyz` with details, `/healthz`. */
export function createAdminServer(probes: Probes, fail: (error: unknown, response: ServerResponse) => void): Server {
  const reads = new Map<string, AnswerRead>([
    ['/metrics', probes.answerMetrics],
    ['/readyz', (response) => probes.answerReadiness(response, true)],
    ['/healthz', probes.answerHealth],
  ]);
  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> =>
    answerRead(request, response, reads.get(pathOf(request)), `This listener has ${[...reads.keys()].join(', ')}.`);
  const server = createServer({ requireHostHeader: false }, (request, response) => {
    answer(request, response).catch((error: unknown) => fail(error, response));
  });
  answerOddRequests(server);
  return server;
}
