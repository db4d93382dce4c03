import type * as sdkNode from '@opentelemetry/sdk-node';
import type { Context as TraceContext, Span, TextMapPropagator, Tracer } from '@opentelemetry/api';
import { withVariables, type TracingConfig } from '../config/config.ts';
import { within } from '../time.ts';
import type { Logger } from './log.ts';
import type { FinishedOperation } from './metrics/operations.ts';
import type { Observer, OutgoingRequest } from '../upstream/observer.ts';

/** The span of one operation. */
export interface OperationTrace {
  readonly traceId: string;
  /** Makes each upstream call a child span, and propagates the trace context to the upstream. */
  readonly observer: Pick<Observer, 'requestStart' | 'requestEnd'>;
  readonly end: (operation: FinishedOperation) => void;
}

/** Tracing of the process. */
export interface Tracing {
  /** Starts the span of an operation, as a child of the span in `traceparent`. */
  readonly operation: (headers: Pick<Headers, 'get'>, requestId: string) => OperationTrace;
  /** Spans of requests that belong to no operation, such as sign-ins. */
  readonly observer: Pick<Observer, 'requestStart' | 'requestEnd'>;
  /** Exports the remaining spans, within a short time limit. */
  readonly close: () => Promise<void>;
}

type Sdk = typeof sdkNode;

/** The collector must not hold up a process that has drained for nine seconds before. */
const closeWithinMs = 800;

/** Unless `OTEL_SERVICE_NAME` or `OTEL_RESOURCE_ATTRIBUTES` sets another. */
const serviceName = 'tics-gateway';

/** Defaults of the SDK's environment variables. */
const sdkDefaults = {
  OTEL_EXPORTER_OTLP_PROTOCOL: 'http/json',
  OTEL_EXPORTER_OTLP_TIMEOUT: '5000',
  OTEL_BSP_SCHEDULE_DELAY: '2000',
};

/** The configuration as the SDK's environment variables. Parent-based sampling: `ratio` applies to new traces. */
function sdkVariables({ endpoint, ratio }: TracingConfig): Readonly<Record<string, string>> {
  return {
    ...sdkDefaults,
    ...(endpoint !== undefined && { OTEL_EXPORTER_OTLP_ENDPOINT: endpoint }),
    OTEL_TRACES_SAMPLER: 'parentbased_traceidratio',
    OTEL_TRACES_SAMPLER_ARG: `${ratio}`,
  };
}

/** W3C Trace Context propagation. */
class Propagation {
  private readonly sdk: Sdk;
  private readonly propagator: TextMapPropagator;

  constructor(sdk: Sdk) {
    this.sdk = sdk;
    this.propagator = new sdk.core.W3CTraceContextPropagator();
  }

  /** The span in `traceparent`, if any. */
  extract(headers: Pick<Headers, 'get'>): TraceContext {
    const carrier: Record<string, string> = {};
    for (const name of this.propagator.fields()) {
      const value = headers.get(name);
      if (value !== null) carrier[name] = value;
    }
    return this.propagator.extract(this.sdk.api.ROOT_CONTEXT, carrier, this.sdk.api.defaultTextMapGetter);
  }

  inject(context: TraceContext, headers: Record<string, string>): void {
    this.propagator.inject(context, headers, this.sdk.api.defaultTextMapSetter);
  }
}

/** Creates the spans of operations and of their calls. */
class Spans {
  private readonly api: Sdk['api'];
  private readonly tracer: Tracer;
  private readonly propagation: Propagation;

  constructor(sdk: Sdk, tracer: Tracer) {
    this.api = sdk.api;
    this.tracer = tracer;
    this.propagation = new Propagation(sdk);
  }

  /** Without a parent each call starts a new trace. */
  callsBelow(parent = this.api.ROOT_CONTEXT): Pick<Observer, 'requestStart' | 'requestEnd'> {
    const spans = new WeakMap<OutgoingRequest, Span>();
    return {
      requestStart: (request) => {
        const { plane, agentId, call, method, traceHeaders } = request;
        const attributes = {
          'http.request.method': method,
          'tics.plane': plane,
          ...(agentId !== undefined && { 'tics.agent_id': agentId }),
        };
        const span = this.tracer.startSpan(call, { kind: this.api.SpanKind.CLIENT, attributes }, parent);
        spans.set(request, span);
        this.propagation.inject(this.api.trace.setSpan(parent, span), traceHeaders);
      },
      requestEnd: (request, { outcome, status, upstreamCode, upstreamRequestId }) => {
        const span = spans.get(request);
        if (span === undefined) return;
        if (status !== undefined) span.setAttribute('http.response.status_code', status);
        if (upstreamCode !== undefined) span.setAttribute('tics.upstream_code', upstreamCode);
        if (upstreamRequestId !== undefined) span.setAttribute('tics.upstream_request_id', upstreamRequestId);
        if (outcome !== 'OK') this.fail(span, outcome);
        span.end();
      },
    };
  }

  operation(headers: Pick<Headers, 'get'>, requestId: string): OperationTrace {
    const parent = this.propagation.extract(headers);
    const attributes = { 'tics.request_id': requestId };
    const span = this.tracer.startSpan('operation', { kind: this.api.SpanKind.SERVER, attributes }, parent);
    return {
      traceId: span.spanContext().traceId,
      observer: this.callsBelow(this.api.trace.setSpan(parent, span)),
      end: ({ kind, name, outcome, errorCodes, cost }) => {
        // An attribute, not the span's name: callers choose it, and span names must be of low cardinality.
        span.updateName(kind);
        span.setAttributes({
          'graphql.operation.type': kind,
          ...(name !== null && { 'graphql.operation.name': name }),
          'tics.cost': cost,
        });
        if (outcome !== 'OK') this.fail(span, errorCodes[0] ?? outcome);
        span.end();
      },
    };
  }

  private fail(span: Span, type: string): void {
    span.setAttribute('error.type', type);
    span.setStatus({ code: this.api.SpanStatusCode.ERROR, message: type });
  }
}

/**
 * Starts the OpenTelemetry SDK, which reads its own environment variables: service name, resource attributes, exporter,
 * endpoint, headers, protocol, sampler, batches. Loaded here only: it costs nothing while tracing is off.
 *
 * @returns undefined when the variables disable the SDK or the exporter
 */
export async function startTracing(config: TracingConfig, log: Logger): Promise<Tracing | undefined> {
  const sdk = await import('@opentelemetry/sdk-node');
  const { api, core, resources, NodeSDK } = sdk;
  const tellFailure = (error: unknown): void =>
    log.warn({ reason: error instanceof Error ? error.name : 'unknown' }, 'traces were not exported');
  core.setGlobalErrorHandler(tellFailure);
  const node = withVariables(sdkVariables(config), () => {
    const started = new NodeSDK({
      resource: resources.defaultResource().merge(resources.resourceFromAttributes({ 'service.name': serviceName })),
      resourceDetectors: [resources.envDetector],
      textMapPropagator: null,
      metricReaders: [],
      logRecordProcessors: [],
    });
    started.start();
    return started;
  });
  const tracer = api.trace.getTracer(serviceName);
  const close = (): Promise<void> => {
    api.trace.disable();
    return within(node.shutdown().catch(tellFailure), closeWithinMs, () => undefined);
  };
  if (!api.isSpanContextValid(tracer.startSpan('probe').spanContext())) {
    await close();
    return undefined;
  }
  const spans = new Spans(sdk, tracer);
  return {
    operation: (headers, requestId) => spans.operation(headers, requestId),
    observer: spans.callsBelow(),
    close,
  };
}
