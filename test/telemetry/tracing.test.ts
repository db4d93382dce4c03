import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer, json } from 'node:stream/consumers';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { Gateway } from '../../src/gateway/gateway.ts';
import { ConfigError, parseConfig, type TracingConfig } from '../../src/config/config.ts';
import { createLog } from '../../src/telemetry/log.ts';
import { startTracing, type Tracing } from '../../src/telemetry/tracing.ts';
import { askGateway, configFor, gatewayFor, useStage } from '../support/gateway.ts';
import { logTo } from '../support/log.ts';

interface Attribute {
  readonly key: string;
  readonly value: { readonly stringValue?: string; readonly intValue?: number };
}
interface Span {
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId?: string;
  readonly name: string;
  /** 2: server, 3: client. */
  readonly kind: number;
  readonly attributes: readonly Attribute[];
  /** 2: error. */
  readonly status: { readonly code: number };
}
interface Export {
  readonly resourceSpans: readonly {
    readonly resource: { readonly attributes: readonly Attribute[] };
    readonly scopeSpans: readonly { readonly spans: readonly Span[] }[];
  }[];
}

const stage = useStage();
const callerTrace = '4bf92f3577b34da6a3ce929d0e0e4736';
const callerSpan = '00f067aa0ba902b7';

let receiver: Server;
let exports: Export[];
let paths: string[];
let gateway: Gateway;
let tracing: Tracing;

/** Starts traces that are on. */
async function start(config: TracingConfig, log = createLog('fatal')): Promise<Tracing> {
  const started = await startTracing(config, log);
  if (started === undefined) throw new Error('traces are off');
  return started;
}

async function begin(ratio: number): Promise<void> {
  exports = [];
  paths = [];
  receiver = createServer((request, response) => {
    paths.push(request.url ?? '');
    void json(request).then((body) => {
      exports.push(body as Export);
      response.writeHead(200, { 'content-type': 'application/json' }).end('{}');
    });
  }).listen(0, '127.0.0.1');
  await once(receiver, 'listening');
  const endpoint = `http://127.0.0.1:${(receiver.address() as AddressInfo).port}`;
  tracing = await start({ endpoint, ratio });
  gateway = gatewayFor(configFor(stage.sandbox), { tracing });
}

/** The exported spans, after all have been sent. */
async function spans(): Promise<readonly Span[]> {
  await tracing.close();
  return exports.flatMap(({ resourceSpans }) =>
    resourceSpans.flatMap(({ scopeSpans }) => scopeSpans.flatMap((scope) => scope.spans)),
  );
}

function attributesOf({ attributes }: Span): Readonly<Record<string, unknown>> {
  return Object.fromEntries(attributes.map(({ key, value }) => [key, value.stringValue ?? value.intValue]));
}

const query = 'query Leagues { leagues(role: OWNER, first: 1) { totalCount } }';

describe('traces', () => {
  beforeEach(() => begin(1));
  afterEach(async () => {
    await gateway.close();
    await tracing.close();
    receiver.close();
  });

  test('caller, operation and upstream call are one trace', async () => {
    await askGateway(gateway, query, {}, { traceparent: `00-${callerTrace}-${callerSpan}-01`, 'x-request-id': 'r-1' });
    const sent = await spans();
    expect(paths[0]).toBe('/v1/traces');
    const operation = sent.find(({ kind }) => kind === 2);
    const call = sent.find(({ name }) => name === 'listLeagues');
    expect(operation).toMatchObject({ name: 'query', traceId: callerTrace, parentSpanId: callerSpan });
    expect(operation && attributesOf(operation)).toMatchObject({
      'graphql.operation.type': 'query',
      'graphql.operation.name': 'Leagues',
      'tics.request_id': 'r-1',
      'tics.cost': 1,
    });
    expect(call).toMatchObject({ kind: 3, traceId: callerTrace, parentSpanId: operation?.spanId });
    expect(call && attributesOf(call)).toMatchObject({
      'http.request.method': 'GET',
      'http.response.status_code': 200,
      'tics.plane': 'SPACE',
    });
  });

  test('the upstream is handed the trace', async () => {
    await stage.sandbox.client.clearCalls();
    await askGateway(gateway, query, {}, { traceparent: `00-${callerTrace}-${callerSpan}-01`, tracestate: 'theirs=1' });
    const [received] = await stage.sandbox.client.calls({ operationId: 'listLeagues' });
    const call = (await spans()).find(({ name }) => name === 'listLeagues');
    expect(received?.headers).toMatchObject({
      traceparent: `00-${callerTrace}-${call?.spanId}-01`,
      tracestate: 'theirs=1',
    });
  });

  test('a sign-in, which all share, is a trace of its own', async () => {
    await askGateway(gateway, query, {}, { traceparent: `00-${callerTrace}-${callerSpan}-01` });
    const signIn = (await spans()).find(({ name }) => name === 'createToken');
    expect(signIn?.traceId).toMatch(/^[0-9a-f]{32}$/);
    expect(signIn?.traceId).not.toBe(callerTrace);
  });

  test('a failed call is an error of its span and of the operation', async () => {
    await stage.sandbox.client.setRules([{ operationId: 'listLeagues', fault: { kind: 'status', status: 403 } }]);
    await askGateway(gateway, query);
    const sent = await spans();
    const failed = sent.filter(({ name }) => name === 'query' || name === 'listLeagues');
    expect(failed.map(({ name }) => name).sort()).toEqual(['listLeagues', 'query']);
    for (const span of failed) {
      expect(span.status.code).toBe(2);
      expect(attributesOf(span)).toMatchObject({ 'error.type': 'FORBIDDEN' });
    }
  });

  test('hold no token and no password', async () => {
    await askGateway(gateway, '{ agents(first: 1) { nodes { runtime { deployTypeText } } } }');
    await spans();
    const { account, agents } = configFor(stage.sandbox);
    const text = JSON.stringify(exports);
    expect(text).toContain('createAgentToken');
    expect(text).not.toContain(account.password);
    for (const { password } of agents) expect(text).not.toContain(password);
  });

  test('a caller whose trace is not sampled is not sampled', async () => {
    await askGateway(gateway, query, {}, { traceparent: `00-${callerTrace}-${callerSpan}-00` });
    expect((await spans()).filter(({ traceId }) => traceId === callerTrace)).toEqual([]);
  });
});

describe('traces that do not arrive', () => {
  test('do not hold up the end', async () => {
    const lost = await start({ endpoint: 'http://127.0.0.1:9', ratio: 1 });
    const before = gatewayFor(configFor(stage.sandbox), { tracing: lost });
    const answer = await askGateway(before, query);
    expect(answer.errors).toBeUndefined();
    await before.close();
    await lost.close();
  });

  /** Traces one operation to a receiver, and ends. */
  const traceTo = async (answer: RequestListener) => {
    const lines: Readonly<Record<string, unknown>>[] = [];
    const receiver = createServer(answer).listen(0, '127.0.0.1');
    await once(receiver, 'listening');
    const endpoint = `http://127.0.0.1:${(receiver.address() as AddressInfo).port}`;
    const traced = await start({ endpoint, ratio: 1 }, logTo(lines));
    const before = gatewayFor(configFor(stage.sandbox), { tracing: traced });
    await askGateway(before, query);
    await before.close();
    return { receiver, traced, lines };
  };

  test('that the receiver refuses are logged, without the text of its answer', async () => {
    const { receiver, traced, lines } = await traceTo((_, response) => response.writeHead(400).end('planted-secret'));
    await traced.close();
    receiver.close();
    expect(lines).toMatchObject([{ level: 'warn', msg: 'traces were not exported' }]);
    expect(JSON.stringify(lines)).not.toContain('planted-secret');
  });

  test('because the receiver hangs are given up before the export’s own time is up', async () => {
    const { receiver, traced } = await traceTo(() => undefined);
    const startedAt = performance.now();
    await traced.close();
    // It takes 0.8 s, where the export would go on for 5.
    expect(performance.now() - startedAt).toBeLessThan(4_000);
    receiver.closeAllConnections();
    receiver.close();
  });

  test('off: nothing is handed to the upstream', async () => {
    await stage.sandbox.client.clearCalls();
    await askGateway(stage.gateway, query, {}, { traceparent: `00-${callerTrace}-${callerSpan}-01` });
    const [received] = await stage.sandbox.client.calls({ operationId: 'listLeagues' });
    expect(received?.headers).not.toHaveProperty('traceparent');
  });
});

describe('the configuration of traces', () => {
  const read = (text: string, environment = {}) => parseConfig(text, environment, 'gateway.config.yaml').tracing;

  test('none: off', () => expect(read('port: 1')).toBeUndefined());

  test('an endpoint, of the file or of the environment', () => {
    expect(read('tracing: { endpoint: "http://collector:4318/" }')).toEqual({
      endpoint: 'http://collector:4318',
      ratio: 1,
    });
    const environment = { OTEL_EXPORTER_OTLP_ENDPOINT: 'https://other:4318' };
    expect(read('tracing: { endpoint: "http://collector:4318", ratio: 0.5 }', environment)).toEqual({
      endpoint: 'https://other:4318',
      ratio: 0.5,
    });
    expect(read('', environment)).toEqual({ endpoint: 'https://other:4318', ratio: 1 });
  });

  test('the SDK’s own variables switch traces on; a sampler alone does not', () => {
    expect(read('', { OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: 'http://c/v1' })).toEqual({ ratio: 1 });
    expect(read('', { OTEL_TRACES_EXPORTER: 'console' })).toEqual({ ratio: 1 });
    expect(read('', { OTEL_TRACES_SAMPLER: 'always_on', OTEL_SERVICE_NAME: 'x' })).toBeUndefined();
  });

  test('no address, no share', () => {
    for (const tracing of [
      '{ endpoint: collector }',
      '{ endpoint: "collector:4318" }',
      '{ endpoint: "http://c", ratio: 2 }',
    ])
      expect(() => read(`tracing: ${tracing}`)).toThrow(ConfigError);
  });
});

describe('variables of the OpenTelemetry SDK', () => {
  interface Received {
    readonly path: string;
    readonly headers: IncomingHttpHeaders;
    readonly body: Buffer;
  }

  afterEach(() => vi.unstubAllEnvs());

  /** Traces one operation under variables, and answers what a receiver got. `$url` in a value is its address. */
  const traceWith = async (variables: Readonly<Record<string, string>>, config: TracingConfig = { ratio: 1 }) => {
    const received: Received[] = [];
    const server = createServer((request, response) => {
      void buffer(request).then((body) => {
        received.push({ path: request.url ?? '', headers: request.headers, body });
        response.writeHead(200).end();
      });
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    for (const [name, value] of Object.entries(variables)) vi.stubEnv(name, value.replace('$url', url));
    const started = await startTracing({ endpoint: url, ...config }, createLog('fatal'));
    const traced = gatewayFor(configFor(stage.sandbox), { tracing: started });
    await askGateway(traced, query);
    await traced.close();
    await started?.close();
    server.close();
    return { started, received };
  };

  const resourceOf = (received: readonly Received[]) => {
    const { resourceSpans } = JSON.parse(String(received[0]?.body)) as Export;
    const attributes = resourceSpans[0]?.resource.attributes ?? [];
    return Object.fromEntries(attributes.map(({ key, value }) => [key, value.stringValue]));
  };

  test('none: the service is tics-gateway', async () => {
    expect(resourceOf((await traceWith({})).received)).toMatchObject({ 'service.name': 'tics-gateway' });
  });

  test('OTEL_SERVICE_NAME and OTEL_RESOURCE_ATTRIBUTES name the resource', async () => {
    const named = await traceWith({
      OTEL_SERVICE_NAME: 'space-gateway',
      OTEL_RESOURCE_ATTRIBUTES: 'deployment.environment=prod,team=data',
    });
    expect(resourceOf(named.received)).toMatchObject({
      'service.name': 'space-gateway',
      'deployment.environment': 'prod',
      team: 'data',
    });
    vi.unstubAllEnvs();
    const byAttribute = await traceWith({ OTEL_RESOURCE_ATTRIBUTES: 'service.name=other' });
    expect(resourceOf(byAttribute.received)).toMatchObject({ 'service.name': 'other' });
  });

  test('OTEL_EXPORTER_OTLP_TRACES_ENDPOINT is the whole address, and headers go with it', async () => {
    const { received } = await traceWith(
      { OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: '$url/custom/path', OTEL_EXPORTER_OTLP_TRACES_HEADERS: 'x-team=data' },
      { endpoint: 'http://127.0.0.1:9', ratio: 1 },
    );
    expect(received[0]).toMatchObject({ path: '/custom/path', headers: { 'x-team': 'data' } });
  });

  test.each(['OTEL_EXPORTER_OTLP_TRACES_PROTOCOL', 'OTEL_EXPORTER_OTLP_PROTOCOL'])(
    '%s chooses the encoding',
    async (variable) => {
      const { received } = await traceWith({ [variable]: 'http/protobuf' });
      expect(received[0]).toMatchObject({
        path: '/v1/traces',
        headers: { 'content-type': 'application/x-protobuf' },
      });
    },
  );

  test.each([
    ['always_off', ''],
    ['parentbased_always_off', ''],
    ['traceidratio', '0'],
    ['parentbased_traceidratio', '0'],
  ])('OTEL_TRACES_SAMPLER %s %s overrides the ratio of the file', async (sampler, argument) => {
    const { started, received } = await traceWith({
      OTEL_TRACES_SAMPLER: sampler,
      OTEL_TRACES_SAMPLER_ARG: argument,
    });
    expect(started).toBeDefined();
    expect(received).toEqual([]);
  });

  test('OTEL_TRACES_SAMPLER always_on samples where the file does not', async () => {
    const { received } = await traceWith({ OTEL_TRACES_SAMPLER: 'always_on' }, { ratio: 0 });
    expect(received).toHaveLength(1);
  });

  test.each([
    ['OTEL_SDK_DISABLED', 'true'],
    ['OTEL_TRACES_EXPORTER', 'none'],
  ])('%s=%s switches traces off', async (variable, value) => {
    const { started, received } = await traceWith({ [variable]: value });
    expect(started).toBeUndefined();
    expect(received).toEqual([]);
  });

  test('nothing of the file stays in the environment', async () => {
    const before = { ...process.env };
    await traceWith({});
    expect(process.env).toEqual(before);
  });
});
