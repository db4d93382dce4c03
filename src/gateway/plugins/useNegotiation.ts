import { getSSEProcessor, processRegularResult, type Plugin } from 'graphql-yoga';
import type { Context } from '../../graphql/context.ts';
import { acceptedRanges, multipartTypes, negotiate, type MediaRange } from '../mediaTypes.ts';
import { multipartEvents, multipartParts } from '../multipart.ts';
import { AnswerStream } from '../subscriptionStreams.ts';
import { refusal } from '../refusal.ts';

/** What the client accepts; only requests over HTTP have it. */
export interface Negotiation {
  accepted?: readonly MediaRange[];
}

/** What single results are answered with; the first where the client does not care. */
const singleTypes = ['application/json', 'application/graphql-response+json', 'text/event-stream'] as const;

/** What streams are answered with: the events of a subscription, and the parts of an answer with `@defer`. */
const streamTypes = {
  events: ['text/event-stream', multipartTypes.events],
  parts: ['text/event-stream', multipartTypes.parts],
} as const;

/** Kinds of streams. */
export type StreamKind = keyof typeof streamTypes;

function unacceptable(types: readonly string[]) {
  return refusal('BAD_REQUEST', `Nothing of Accept can be answered. Accept one of ${types.join(', ')}.`, 406);
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

const sse = getSSEProcessor();

/** Answers with the media type that the client wants most. What it accepts is known before anything is executed. */
export const useNegotiation: Plugin<Context, Negotiation> = {
  onRequest: ({ request, serverContext }) => {
    serverContext.accepted = acceptedRanges(request.headers.get('accept'));
  },
  onResultProcess: ({ result, serverContext: { accepted = [] }, ...event }) => {
    const isStream = result !== undefined && Symbol.asyncIterator in result;
    const kind = result instanceof AnswerStream ? 'events' : 'parts';
    // A refusal is told in JSON to whoever accepts nothing that fits.
    const type =
      negotiate(accepted, isStream ? streamTypes[kind] : [...singleTypes, multipartTypes.events]) ?? 'application/json';
    if (type === 'text/event-stream') event.setResultProcessor(sse, type);
    else if (type === multipartTypes.events) event.setResultProcessor(multipartEvents, type);
    else if (type === multipartTypes.parts) event.setResultProcessor(multipartParts, type);
    else event.setResultProcessor(processRegularResult, type);
  },
};
