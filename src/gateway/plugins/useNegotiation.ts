import type { ExecutionResult } from 'graphql';
import { getSSEProcessor, processRegularResult } from 'graphql-yoga';
import { acceptedRanges, multipartTypes, negotiate, type MediaRange } from '../mediaTypes.ts';
import type { GatewayPlugin } from '../plugin.ts';
import { refusal } from '../refusal.ts';
import { streamedResponse, streamFormats } from '../streamedResponse.ts';
import { AnswerStream } from '../subscriptionStreams.ts';

/** Media types that the client accepts. Set for HTTP requests only. */
export interface Negotiation {
  accepted?: readonly MediaRange[];
}

/** Media types of single results. The first is the default. */
const singleTypes = ['application/json', 'application/graphql-response+json', 'text/event-stream'] as const;

/** Media types of a refused subscription, which has one answer. */
const answerTypes = [...singleTypes, multipartTypes.events] as const;

/** Media types of streams: events of a subscription, and payloads of `@defer` and `@stream`. */
const streamTypes = {
  events: ['text/event-stream', multipartTypes.events],
  parts: ['text/event-stream', multipartTypes.parts],
} as const;

export type StreamKind = keyof typeof streamTypes;

function unacceptable(types: readonly string[]) {
  return refusal(
    'BAD_REQUEST',
    `None of the media types of Accept is available. Accept one of ${types.join(', ')}.`,
    406,
  );
}

/**
 * Refuses an operation that has no media type the client accepts, before it is executed.
 *
 * @throws GatewayError BAD_REQUEST, HTTP 406
 */
export function refuseUnacceptable({ accepted }: Negotiation, stream: StreamKind | undefined): void {
  const types = stream === undefined ? singleTypes : streamTypes[stream];
  if (accepted !== undefined && negotiate(accepted, types) === undefined) throw unacceptable(types);
}

/** The media type of a single result; undefined if the client accepts none. */
export function acceptedType(accepted: readonly MediaRange[]): string | undefined {
  return negotiate(accepted, singleTypes);
}

/** The media type of a single result or of a refused subscription; JSON if the client accepts none. */
export function answerType(accepted: readonly MediaRange[]): string {
  // The refusal itself is JSON.
  return negotiate(accepted, answerTypes) ?? 'application/json';
}

const sse = getSSEProcessor();

type ResultProcessor = (...given: Parameters<typeof sse>) => ReturnType<typeof sse>;

function processorOf(type: string, isStream: boolean): ResultProcessor {
  // For single results Yoga's own writers are kept: they also set the status.
  if (type === 'text/event-stream' && !isStream) return sse;
  const format = {
    'text/event-stream': streamFormats.serverSentEvents,
    [multipartTypes.events]: streamFormats.multipartEvents,
    [multipartTypes.parts]: streamFormats.multipartParts,
  }[type];
  if (format === undefined) return processRegularResult;
  return (result, fetchAPI) => streamedResponse(result as ExecutionResult, fetchAPI, format);
}

/** For requests refused before their headers are read. */
const none: readonly MediaRange[] = [];

/** Answers with the media type that the client prefers. `Accept` is parsed before anything is executed. */
export const useNegotiation: GatewayPlugin<Negotiation> = {
  onRequest: ({ request, serverContext }) => {
    serverContext.accepted = acceptedRanges(request.headers.get('accept'));
  },
  onResultProcess: ({ result, serverContext: { accepted = none }, ...event }) => {
    const isStream = result !== undefined && Symbol.asyncIterator in result;
    const kind = result instanceof AnswerStream ? 'events' : 'parts';
    const type = isStream ? (negotiate(accepted, streamTypes[kind]) ?? 'application/json') : answerType(accepted);
    event.setResultProcessor(processorOf(type, isStream), type);
  },
};
