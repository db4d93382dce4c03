import { once } from 'node:events';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach } from 'vitest';
import type { Gateway } from '../../src/gateway/gateway.ts';
import type { Deadline } from '../../src/upstream/deadline.ts';
import type { Planes, PlanesRequest } from '../../src/tics/planes/planes.ts';
import { createUpstreams, defaultResilience } from '../../src/tics/planes/upstreams.ts';
import { configFor, gatewayFor, type Stage } from './gateway.ts';

/** HTTP servers of a test file that stand where a plane would; all are closed after each test. */
export function useUpstreamServers(stage: Stage) {
  const closing: (() => unknown)[] = [];
  afterEach(async () => {
    await Promise.all(closing.splice(0).map((close) => close()));
  });
  const serve = async (answer: RequestListener) => {
    const server = createServer(answer);
    await once(server.listen(0, '127.0.0.1'), 'listening');
    closing.push(() => {
      server.closeAllConnections();
      server.close();
    });
    return { server, origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}` };
  };
  return {
    serve,
    /** Closes something after the test. */
    closeLater: (close: () => unknown): void => void closing.push(close),
    /**
     * Planes whose space plane is a server that answers all but sign-ins in one way; without retries and cache, but those that
     * are asked for.
     */
    planesBefore: async (
      answer: RequestListener,
      resilience = {},
    ): Promise<(deadline: Deadline, request?: Partial<PlanesRequest>) => Planes> => {
      const { origin } = await serve(answer);
      const cache = { freshMs: 0, staleMs: 0, staleIfErrorMs: 0 };
      const upstreams = createUpstreams(
        { ...configFor(stage.sandbox), spaceUrl: origin },
        { ...defaultResilience, retries: false, cache, ...resilience },
      );
      closing.push(() => upstreams.close());
      return (deadline, request) =>
        upstreams.planes({ upstreamScope: 'scope', language: 'en_us', deadline, ...request });
    },
    /** A gateway whose space plane is a server that answers all but sign-ins in one way. */
    gatewayBefore: async (answer: RequestListener, resilience = {}): Promise<Gateway> => {
      const { origin } = await serve(answer);
      const gateway = gatewayFor({ ...configFor(stage.sandbox), spaceUrl: origin }, { resilience });
      closing.push(() => gateway.close());
      return gateway;
    },
  };
}
