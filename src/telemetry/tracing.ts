import type { Context as TraceContext, Span } from '@opentelemetry/api';
import type { TracingConfig } from '../config/config.ts';
import { within } from '../time.ts';
import type { Logger } from './log.ts';
import type { FinishedOperation } from './metrics/operations.ts';
import type { Observer, OutgoingRequest } from '../upstream/observer.ts';

/** The span of one operation. */
export interface OperationTrace {
  readonly traceId: string;
  /** Makes each upstream call a span below the operation's, and hands the trace on to the upstream. */
  readonly observer: Pick<Observer, 'requestStart' | 'requestEnd'>;
  readonly end: (operation: FinishedOperation) => void;
}

/** Traces, in a provider of its own: nothing global is touched but where the exporter reports its failures. */
export interface Tracing {
  /** Begins the span of an operation, below the caller's span where `traceparent` names one. */
  readonly operation: (headers: Headers, requestId: string) => OperationTrace;
  /** Spans of what is sent for no operation in particular, such as sign-ins. */
  readonly observer: Pick<Observer, 'requestStart' | 'requestEnd'>;
  /** Sends what is left, for a moment at most. */
  readonly close: () => Promise<void>;
}

/** The receiver must not hold up the end of the process, which may have drained for nine seconds before. */
const closeWithinMs = 800;

/**
 * Traces to an OTLP/HTTP receiver (JSON). The packages are only loaded here, so that they cost nothing while traces are off.
 * What a caller says of sampling is followed; of the others `ratio` are sampled.
 */
export async function startTracing({ endpoint, ratio }: TracingConfig, log: Logger): Promise<Tracing> {
  const [
    { ROOT_CONTEXT, SpanKind, SpanStatusCode, defaultTextMapGetter, defaultTextMapSetter, trace },
    { W3CTraceContextPropagator, setGlobalErrorHandler },
    { OTLPTraceExporter },
    { resourceFromAttributes },
    { BatchSpanProcessor, ParentBasedSampler, TracerProvider, TraceIdRatioBasedSampler },
  ] = await Promise.all([
    import('@opentelemetry/api'),
    import('@opentelemetry/core'),
    import('@opentelemetry/exporter-trace-otlp-http'),
    import('@opentelemetry/resources'),
    import('@opentelemetry/sdk-trace'),
  ]);

  const tellFailure = (error: unknown): void =>
    log.warn({ reason: error instanceof Error ? error.name : 'unknown' }, 'traces were not exported');
  setGlobalErrorHandler(tellFailure);
  const exporter = new OTLPTraceExporter({ url: `${endpoint}/v1/traces`, timeoutMillis: 5_000 });
  const provider = new TracerProvider({
    resource: resourceFromAttributes({ 'service.name': 'tics-gateway' }),
    sampler: new ParentBasedSampler({ root: new TraceIdRatioBasedSampler(ratio) }),
    spanProcessors: [new BatchSpanProcessor({ exporter, scheduledDelayMillis: 2_000 })],
  });
  const tracer = provider.getTracer('tics-gateway');
  const propagator = new W3CTraceContextPropagator();

  const fail = (span: Span, type: string): void => {
    span.setAttribute('error.type', type);
    span.setStatus({ code: SpanStatusCode.ERROR, message: type });
  };

  const callsBelow = (parent: TraceContext): Pick<Observer, 'requestStart' | 'requestEnd'> => {
    const spans = new WeakMap<OutgoingRequest, Span>();
    return {
      requestStart: (request) => {
        const { plane, agentId, call, method, traceHeaders } = request;
        const attributes = {
          'http.request.method': method,
          'tics.plane': plane,
          ...(agentId !== undefined && { 'tics.agent_id': agentId }),
        };
        const span = tracer.startSpan(call, { kind: SpanKind.CLIENT, attributes }, parent);
        spans.set(request, span);
        propagator.inject(trace.setSpan(parent, span), traceHeaders, defaultTextMapSetter);
      },
      requestEnd: (request, { outcome, status, upstreamCode, upstreamRequestId }) => {
        const span = spans.get(request);
        if (span === undefined) return;
        if (status !== undefined) span.setAttribute('http.response.status_code', status);
        if (upstreamCode !== undefined) span.setAttribute('tics.upstream_code', upstreamCode);
        if (upstreamRequestId !== undefined) span.setAttribute('tics.upstream_request_id', upstreamRequestId);
        if (outcome !== 'OK') fail(span, outcome);
        span.end();
      },
    };
  };

  return {
    operation: (headers, requestId) => {
      const carrier: Record<string, string> = {};
      for (const name of propagator.fields()) {
        const value = headers.get(name);
        if (value !== null) carrier[name] = value;
      }
      const parent = propagator.extract(ROOT_CONTEXT, carrier, defaultTextMapGetter);
      const span = tracer.startSpan(
        'operation',
        { kind: SpanKind.SERVER, attributes: { 'tics.request_id': requestId } },
        parent,
      );
      return {
        traceId: span.spanContext().traceId,
        observer: callsBelow(trace.setSpan(parent, span)),
        end: ({ kind, name, outcome, errorCodes, cost }) => {
          // The name stands in an attribute: as the span's own name, which callers choose, it would be unbounded.
          span.updateName(kind);
          span.setAttributes({
            'graphql.operation.type': kind,
            ...(name !== null && { 'graphql.operation.name': name }),
            'tics.cost': cost,
          });
          if (outcome !== 'OK') fail(span, errorCodes[0] ?? outcome);
          span.end();
        },
      };
    },
    observer: callsBelow(ROOT_CONTEXT),
    close: () => within(provider.shutdown().catch(tellFailure), closeWithinMs, () => undefined),
  };
}
