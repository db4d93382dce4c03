import type { ExecutionResult } from 'graphql';
import { getSSEProcessor, processRegularResult } from 'graphql-yoga';
import { acceptedRanges, multipartTypes, negotiate, type MediaRange } from '../mediaTypes.ts';
import type { GatewayPlugin } from '../plugin.ts';
import { refusal } from '../refusal.ts';
import { streamedResponse, streamFormats } from '../streamedResponse.ts';
import { AnswerStream } from '../subscriptionStreams.ts';

/** What the client accepts; only requests over HTTP have it. */
export interface Negotiation {
  accepted?: readonly MediaRange[];
}

/** What single results are answered with; the first where the client does not care. */
const singleTypes = ['application/json', 'application/graphql-response+json', 'text/event-stream'] as const;

/** And what the one answer of a subscription that was refused is answered with. */
const answerTypes = [...singleTypes, multipartTypes.events] as const;

/** What streams are answered with: the events of a subscription, and the parts of an answer with `@defer`. */
const streamTypes = {
  events: ['text/event-stream', multipartTypes.events],
  parts: ['text/event-stream', multipartTypes.parts],
} as const;

/** Kinds of streams. */
export type StreamKind = keyof typeof streamTypes;

function unacceptable(types: readonly string[]) {
  return refusal(
    'BAD_REQUEST',
    `None of the media types of Accept is available. Accept one of ${types.join(', ')}.`,
    406,
  );
}

/**
 * Refuses an operation whose result could not be answered, before anything of it is executed.
 *
 * @throws GatewayError BAD_REQUEST, HTTP 406
 */
export function refuseUnacceptable({ accepted }: Negotiation, stream: StreamKind | undefined): void {
  const types = stream === undefined ? singleTypes : streamTypes[stream];
  if (accepted !== undefined && negotiate(accepted, types) === undefined) throw unacceptable(types);
}

/** The media type of a single result; undefined where none is accepted. */
export function acceptedType(accepted: readonly MediaRange[]): string | undefined {
  return negotiate(accepted, singleTypes);
}

/** The media type of a single result, or of the one answer of a subscription that was refused; JSON where none is accepted. */
export function answerType(accepted: readonly MediaRange[]): string {
  // Clients that accept no supported type get the refusal as JSON.
  return negotiate(accepted, answerTypes) ?? 'application/json';
}

const sse = getSSEProcessor();

type ResultProcessor = (...given: Parameters<typeof sse>) => ReturnType<typeof sse>;

function processorOf(type: string, isStream: boolean): ResultProcessor {
  // Of single results, refusals among them, Yoga's own says more by its status.
  if (type === 'text/event-stream' && !isStream) return sse;
  const format = {
    'text/event-stream': streamFormats.serverSentEvents,
    [multipartTypes.events]: streamFormats.multipartEvents,
    [multipartTypes.parts]: streamFormats.multipartParts,
  }[type];
  if (format === undefined) return processRegularResult;
  return (result, fetchAPI) => streamedResponse(result as ExecutionResult, fetchAPI, format);
}

/** Of a request that is refused before its headers are read. */
const none: readonly MediaRange[] = [];

/** Answers with the media type that the client wants most. What it accepts is known before anything is executed. */
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
