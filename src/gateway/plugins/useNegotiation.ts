import { getSSEProcessor, processRegularResult, type Plugin } from 'graphql-yoga';
import type { Context } from '../../graphql/context.ts';
import { acceptedRanges, negotiate, type MediaRange } from '../mediaTypes.ts';
import { multipartResponse } from '../multipart.ts';
import { refusal } from '../refusal.ts';

/** What the client accepts; only requests over HTTP have it. */
export interface Negotiation {
  accepted?: readonly MediaRange[];
}

/** What single results are answered with; the first where the client does not care. */
const singleTypes = ['application/json', 'application/graphql-response+json', 'text/event-stream'] as const;

/** What streams are answered with. */
const streamTypes = ['text/event-stream', 'multipart/mixed'] as const;

function unacceptable(types: readonly string[]) {
  return refusal('BAD_REQUEST', `Nothing of Accept can be answered. Accept one of ${types.join(', ')}.`, 406);
}

/**
 * Refuses an operation whose result could not be answered, before anything of it is executed.
 *
 * @throws GatewayError BAD_REQUEST, HTTP 406
 */
export function refuseUnacceptable({ accepted }: Negotiation, isSubscription: boolean): void {
  const types = isSubscription ? streamTypes : singleTypes;
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
    // A refusal is told in JSON to whoever accepts nothing that fits.
    const type =
      negotiate(accepted, isStream ? streamTypes : [...singleTypes, 'multipart/mixed']) ?? 'application/json';
    if (type === 'text/event-stream') event.setResultProcessor(sse, type);
    else if (type === 'multipart/mixed') event.setResultProcessor(multipartResponse, type);
    else event.setResultProcessor(processRegularResult, type);
  },
};
