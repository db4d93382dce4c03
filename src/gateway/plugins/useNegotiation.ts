import type { ExecutionResult } from 'graphql';
import type { FetchAPI } from 'graphql-yoga';
import { acceptedRanges, multipartTypes, negotiate, type MediaRange } from '../mediaTypes.ts';
import type { GatewayPlugin } from '../plugin.ts';
import { refusal } from '../refusal.ts';
import { streamedResponse, streamFormats } from '../streamedResponse.ts';
import { AnswerStream } from '../subscriptionStreams.ts';
import { responseInit, textOf } from '../writtenResult.ts';

/** Media types that the client accepts. Set for HTTP requests only. */
export interface Negotiation {
  accepted?: readonly MediaRange[];
}

/** Media types of single results, those of refused subscriptions too. The first is the default. */
const singleTypes = ['application/json', 'application/graphql-response+json', 'text/event-stream'] as const;

/** For clients that accept none of the others: a single result is a stream of one event. */
const lastType = [multipartTypes.events] as const;

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
  if (accepted === undefined) return;
  if (stream === undefined && acceptedType(accepted) === undefined) throw unacceptable([...singleTypes, ...lastType]);
  if (stream !== undefined && negotiate(accepted, streamTypes[stream]) === undefined)
    throw unacceptable(streamTypes[stream]);
}

/** The media type of a single result; undefined if the client accepts none. */
export function acceptedType(accepted: readonly MediaRange[]): string | undefined {
  return negotiate(accepted, singleTypes) ?? negotiate(accepted, lastType);
}

/** The media type of a single result; JSON if the client accepts none, since the refusal itself is JSON. */
export function answerType(accepted: readonly MediaRange[]): string {
  return acceptedType(accepted) ?? 'application/json';
}

const formats: Readonly<Record<string, (typeof streamFormats)[keyof typeof streamFormats]>> = {
  'text/event-stream': streamFormats.serverSentEvents,
  [multipartTypes.events]: streamFormats.multipartEvents,
  [multipartTypes.parts]: streamFormats.multipartParts,
};

type SingleOrStream = ExecutionResult | AsyncIterable<ExecutionResult>;

function isStream(result: SingleOrStream): result is AsyncIterable<ExecutionResult> {
  return Symbol.asyncIterator in result;
}

function writeResult(result: SingleOrStream, fetchAPI: FetchAPI, type: string): Response {
  const format = formats[type];
  if (isStream(result)) return streamedResponse(result, fetchAPI, format ?? streamFormats.serverSentEvents);
  const init = responseInit(result, type);
  if (format !== undefined) return streamedResponse(result, fetchAPI, format, init);
  return new fetchAPI.Response(textOf(result), {
    status: init.status,
    headers: { ...init.headers, 'Content-Type': `${type}; charset=utf-8` },
  });
}

/** For requests refused before their headers are read. */
const none: readonly MediaRange[] = [];

/** Answers with the media type that the client prefers. `Accept` is parsed before anything is executed. */
export const useNegotiation: GatewayPlugin<Negotiation> = {
  onRequest: ({ request, serverContext }) => {
    serverContext.accepted = acceptedRanges(request.headers.get('accept'));
  },
  onResultProcess: ({ result, serverContext: { accepted = none }, ...event }) => {
    const kind = result instanceof AnswerStream ? 'events' : 'parts';
    const type =
      result !== undefined && isStream(result)
        ? (negotiate(accepted, streamTypes[kind]) ?? streamTypes[kind][0])
        : answerType(accepted);
    event.setResultProcessor(writeResult, type);
  },
};
