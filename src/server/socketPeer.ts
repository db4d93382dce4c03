import type { IncomingMessage } from 'node:http';
import type { ExecutionResult } from 'graphql';
import { CloseCode, MessageType, validateMessage, type Message, type SubscribePayload } from 'graphql-ws';
import { WebSocket } from 'ws';
import { GatewayError } from '../errors.ts';
import { payerIdOf } from '../callers/callerBudgets.ts';
import { credentialHeaders } from '../callers/callers.ts';
import { isPersistedQuery } from '../gateway/documentStore.ts';
import type { Gateway } from '../gateway/gateway.ts';
import { withoutHttp } from '../gateway/refusal.ts';
import type { OpenedOperation, SocketAnswer } from '../gateway/webSocketOperations.ts';
import { jsonOf } from '../gateway/writtenResult.ts';
import { headersOf, takeCredentials } from './connectionHeaders.ts';
import type { FailedAuthentications } from './failedAuthentications.ts';
import type { Permit } from './shedding.ts';

/** Limits of one WebSocket. */
export interface SocketLimits {
  /** Operations at once, subscriptions among them. */
  readonly operations: number;
  /** Largest frame that is read. */
  readonly frameBytes: number;
  /** `connection_init` must come within this time. */
  readonly initWithinMs: number;
  /** Pings are sent this often. A peer that has not answered by the next one is cut. */
  readonly pingEveryMs: number;
}

/** What peers share. */
export interface PeerOptions {
  readonly gateway: Pick<Gateway, 'open' | 'identify' | 'metrics'>;
  readonly limits: SocketLimits;
  /** Lets one more operation in, or says why not. */
  readonly admit: () => Permit | GatewayError;
  readonly failures: FailedAuthentications;
  /** Called once the caller of a socket is known. */
  readonly onAuthenticated: (request: IncomingMessage, caller: string) => void;
}

/** An operation of a peer, from `subscribe` to `complete`. */
interface PeerOperation {
  isSubscription: boolean;
  /** The client has completed it, or is gone. */
  isCancelled: boolean;
  cancel: () => void;
}

const protocolHint = 'This gateway speaks graphql-transport-ws, as the package graphql-ws does.';

const invalidMessage = `Invalid message received. ${protocolHint}`;

/** `Going Away`: clients of graphql-ws connect and subscribe again by themselves. */
const goingAway = 1001;

/** `Try Again Later`: the caller can't be identified at the moment. */
const tryAgainLater = 1013;

/** Streams of an ended session send their last error before the socket is closed. */
const lastErrorMs = 100;

/** A peer must answer a close frame within this time. */
const closeWithinMs = 1_000;

/** A close frame holds so much of a reason (RFC 6455, 5.5); ws throws for more. */
const reasonBytes = 123;

/** With more bytes than this unsent, the next result waits until they are written. */
const unsentBytes = 65_536;

const neverAborted = new AbortController().signal;

/**
 * Parses a message. A hash in place of a document is given an empty one: a guard then tells the client to send the text.
 *
 * @throws Error where it is no message of graphql-transport-ws
 */
function parse(text: string): Message {
  const message = JSON.parse(text) as { readonly payload?: Record<string, unknown> | null };
  const { payload } = message;
  if (typeof payload === 'object' && payload !== null && isPersistedQuery(payload)) payload['query'] = '';
  return validateMessage(message);
}

type Results = Extract<SocketAnswer, AsyncIterable<ExecutionResult>>;

function isResults(answer: object): answer is Results {
  return Symbol.asyncIterator in answer;
}

/**
 * One WebSocket that speaks graphql-transport-ws. graphql-ws defines its messages; operations are carried out here, because
 * its server keeps twice as much memory for a subscription, and writes the same result again for each of thousands.
 */
export class SocketPeer {
  readonly #socket: WebSocket;
  readonly #request: IncomingMessage;
  readonly #options: PeerOptions;
  readonly #headers: Headers;
  readonly #operations = new Map<string, PeerOperation>();
  readonly #initTimer: NodeJS.Timeout;
  #isInitialised = false;
  #isAuthenticated = false;
  #isDraining = false;
  #isAlive = true;

  constructor(socket: WebSocket, request: IncomingMessage, options: PeerOptions) {
    this.#socket = socket;
    this.#request = request;
    this.#options = options;
    this.#headers = headersOf(request);
    this.#initTimer = setTimeout(
      () => this.#close(CloseCode.ConnectionInitialisationTimeout, 'Connection initialisation timeout'),
      options.limits.initWithinMs,
    );
    options.gateway.metrics.socketOpened();
    // A malformed frame closes the socket, which is all there is to do.
    socket.on('error', () => undefined);
    socket.on('pong', () => {
      this.#isAlive = true;
    });
    socket.on('message', (data: Buffer) => this.#receive(data.toString()));
    socket.once('close', () => this.#closed());
  }

  /** Pings it, and cuts it if it has not answered the last ping. */
  ping(): void {
    if (!this.#isAlive) this.cut();
    this.#isAlive = false;
    if (this.#socket.readyState === WebSocket.OPEN) this.#socket.ping();
  }

  /** Closes it with 1001 once its queries and mutations are answered. Its client subscribes again elsewhere. */
  drain(): void {
    this.#isDraining = true;
    for (const [id, operation] of this.#operations) if (operation.isSubscription) this.#cancel(id, operation);
    this.#goAwayWhenIdle();
  }

  /** Closes it: its client offers no protocol that this gateway speaks. */
  refuseProtocol(): void {
    this.#close(CloseCode.SubprotocolNotAcceptable, `Subprotocol not acceptable. ${protocolHint}`);
  }

  cut(): void {
    this.#socket.terminate();
  }

  #closed(): void {
    clearTimeout(this.#initTimer);
    this.#options.gateway.metrics.socketClosed();
    for (const [id, operation] of this.#operations) this.#cancel(id, operation);
  }

  #close(code: number, reason: string): void {
    this.#socket.close(code, reason);
  }

  /** A result could not be written. */
  #fail(): void {
    this.#close(CloseCode.InternalServerError, 'Internal server error');
  }

  #goAwayWhenIdle(): void {
    if (!this.#isDraining || this.#operations.size > 0 || this.#socket.readyState !== WebSocket.OPEN) return;
    this.#close(goingAway, 'The gateway is shutting down. Reconnect.');
    setTimeout(() => this.#socket.terminate(), closeWithinMs).unref();
  }

  #receive(text: string): void {
    let message: Message;
    let pong = '';
    try {
      message = parse(text);
      // A payload may nest more deeply than can be written.
      if (message.type === MessageType.Ping)
        pong = JSON.stringify({ type: MessageType.Pong, payload: message.payload });
    } catch {
      return this.#close(CloseCode.BadRequest, invalidMessage);
    }
    switch (message.type) {
      case MessageType.ConnectionInit:
        return void this.#initialise(message.payload);
      case MessageType.Ping:
        return void this.#send(pong);
      case MessageType.Pong:
        return;
      case MessageType.Subscribe:
        return this.#subscribe(message.id, message.payload);
      case MessageType.Complete: {
        const operation = this.#operations.get(message.id);
        if (operation !== undefined) this.#cancel(message.id, operation);
        return;
      }
      default:
        this.#close(CloseCode.BadRequest, invalidMessage);
    }
  }

  async #initialise(fields: Readonly<Record<string, unknown>> | undefined): Promise<void> {
    if (this.#isInitialised)
      return this.#close(CloseCode.TooManyInitialisationRequests, 'Too many initialisation requests');
    this.#isInitialised = true;
    clearTimeout(this.#initTimer);
    this.#isAuthenticated = await this.#authenticate(fields);
    if (this.#isAuthenticated) await this.#send(JSON.stringify({ type: MessageType.ConnectionAck }));
  }

  /** Identifies the caller, or closes the socket. Closes it too when the caller's session ends. */
  async #authenticate(fields: Readonly<Record<string, unknown>> | undefined): Promise<boolean> {
    const { gateway, failures, onAuthenticated } = this.#options;
    const headers = this.#headers;
    takeCredentials(headers, fields ?? undefined);
    const isNamed = credentialHeaders.some((name) => headers.has(name));
    if (isNamed && failures.waitSeconds(this.#request) !== undefined) {
      this.#close(
        tryAgainLater,
        `Too many failed authentications from this address: more than ${failures.perMinute} a minute.`,
      );
      return false;
    }
    try {
      const caller = await gateway.identify({ headers, signal: neverAborted });
      const { sessionSignal } = caller;
      const close = (): void =>
        void setTimeout(() => this.#close(CloseCode.Unauthorized, 'Unauthorized'), lastErrorMs).unref();
      sessionSignal?.addEventListener('abort', close, { once: true });
      this.#socket.once('close', () => sessionSignal?.removeEventListener('abort', close));
      // Anyone can invent tokens of TICS.
      const payer = caller.tokens === undefined || caller.payer !== undefined ? payerIdOf(caller) : undefined;
      onAuthenticated(this.#request, payer ?? failures.addressOf(this.#request));
      return true;
    } catch (error) {
      if (isNamed) failures.count(this.#request);
      if (error instanceof GatewayError && error.code !== 'UNAUTHENTICATED') this.#close(tryAgainLater, '');
      else this.#close(CloseCode.Unauthorized, 'Unauthorized');
      return false;
    }
  }

  #subscribe(id: string, payload: SubscribePayload): void {
    if (!this.#isAuthenticated) return this.#close(CloseCode.Unauthorized, 'Unauthorized');
    if (this.#operations.has(id)) {
      const reason = `Subscriber for ${id} already exists`;
      const isShort = Buffer.byteLength(reason) <= reasonBytes;
      return this.#close(CloseCode.SubscriberAlreadyExists, isShort ? reason : 'Subscriber already exists');
    }
    const operation: PeerOperation = { isSubscription: false, isCancelled: false, cancel: () => undefined };
    this.#operations.set(id, operation);
    this.#carryOut(id, payload, operation).catch(() => this.#fail());
  }

  async #carryOut(id: string, payload: SubscribePayload, operation: PeerOperation): Promise<void> {
    const opened = await this.#open(payload);
    if ('errors' in opened) {
      if (!operation.isCancelled)
        await this.#send(JSON.stringify({ id, type: MessageType.Error, payload: opened.errors }));
      return this.#forget(id, operation);
    }
    operation.isSubscription = opened.isSubscription;
    operation.cancel = opened.cancel;
    // Its signal is aborted, and it ends by itself.
    if (operation.isCancelled) opened.cancel();
    const answer = await opened.run();
    if (operation.isCancelled) return isResults(answer) ? void answer.return?.(undefined) : undefined;
    // Not awaited: what opened the operation would be kept as long as its results come.
    if (isResults(answer)) return void this.#sendAll(id, answer, operation).catch(() => this.#fail());
    await this.#sendNext(id, JSON.stringify(answer));
    await this.#complete(id, operation);
  }

  /** Opens an operation, or says why not. */
  async #open({ ...payload }: SubscribePayload): Promise<OpenedOperation> {
    const { admit, gateway, limits, failures } = this.#options;
    if (this.#isDraining)
      return this.#refused(new GatewayError('RECONNECT', 'The gateway is shutting down. Reconnect.'));
    if (this.#operations.size > limits.operations)
      return this.#refused(
        new GatewayError(
          'BAD_REQUEST',
          `A socket carries at most ${limits.operations} operations at once. Open another one.`,
        ),
      );
    const permit = admit();
    if (permit instanceof GatewayError) return this.#refused(permit);
    const address = failures.addressOf(this.#request);
    return gateway.open({ ...payload, headers: this.#headers, permit, address }, permit.release);
  }

  #refused(error: GatewayError): OpenedOperation {
    this.#options.gateway.metrics.refused([error.code]);
    return { errors: [withoutHttp(error)] };
  }

  /** Sends results as they come. The next one is read when the last is written: the reader sets the pace. */
  async #sendAll(id: string, results: Results, operation: PeerOperation): Promise<void> {
    operation.cancel = () => void results.return?.(undefined);
    for (;;) {
      const next = await results.next();
      if (operation.isCancelled) return;
      if (next.done === true) return this.#complete(id, operation);
      const written = this.#sendNext(id, jsonOf(next.value));
      if (written !== undefined) await written;
    }
  }

  #sendNext(id: string, json: string): Promise<void> | undefined {
    return this.#send(`{"id":${JSON.stringify(id)},"type":"next","payload":${json}}`);
  }

  async #complete(id: string, operation: PeerOperation): Promise<void> {
    if (!operation.isCancelled) await this.#send(JSON.stringify({ id, type: MessageType.Complete }));
    this.#forget(id, operation);
  }

  #cancel(id: string, operation: PeerOperation): void {
    operation.isCancelled = true;
    operation.cancel();
    this.#forget(id, operation);
  }

  #forget(id: string, operation: PeerOperation): void {
    if (this.#operations.get(id) === operation) this.#operations.delete(id);
    this.#goAwayWhenIdle();
  }

  /** @returns a promise only if the next message is to wait until this one is written */
  #send(text: string): Promise<void> | undefined {
    const socket = this.#socket;
    // One that is closing takes nothing any more.
    if (socket.readyState !== WebSocket.OPEN) return undefined;
    this.#gather();
    if (socket.bufferedAmount < unsentBytes) {
      socket.send(text);
      return undefined;
    }
    return new Promise((resolve) => socket.send(text, () => resolve()));
  }

  /** Messages of one turn of the event loop are written at once: a system call takes longer than most of them. */
  #gather(): void {
    const { socket } = this.#request;
    if (socket.writableCorked > 0) return;
    socket.cork();
    process.nextTick(() => socket.uncork());
  }
}
