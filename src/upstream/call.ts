import { GatewayError } from '../errors.ts';
import { readAnswer, type Answer } from './answer.ts';
import type { Admission } from './breaker.ts';
import type { AnswerCache, FoundAnswer } from './cache.ts';
import { onAbort, type Deadline } from './deadline.ts';
import { Exchange, type ExchangeReceiver } from './exchange.ts';
import { encodeForm, type Form } from './form.ts';
import { writeJson } from './json.ts';
import type { Observer, UpstreamName } from './observer.ts';
import type { PermitHolder } from './permits.ts';
import type { Credentials } from './tokens.ts';
import type { CallFacts, Upstream } from './upstream.ts';

/** Parameters and body of a call. */
export interface CallRequest {
  readonly body?: object;
  readonly form?: Form;
  readonly path?: Readonly<Record<string, string>>;
  readonly query?: Readonly<Record<string, string | number | boolean | undefined>>;
}

/** The operation that calls are made for. */
export interface CallScope {
  /** Whose token is used: answers are kept and shared within it alone. */
  readonly upstreamScope: string;
  readonly language: string;
  readonly deadline: Deadline;
  readonly observer: Observer;
  /** Nothing that was read before, and no read under way, stands in for a read. */
  readonly isUncached?: boolean;
  /** In place of the account's. */
  readonly credentials?: ((upstream: UpstreamName) => Credentials) | undefined;
}

/** What the reads of all upstreams share. */
export interface SharedReads {
  readonly cache: AnswerCache;
  /** Reads under way, by key. */
  readonly underWay: Map<string, UpstreamCall>;
  /** Whether identical reads under way are one. */
  readonly areJoined: boolean;
}

/** An operation that waits for a call. */
interface Waiter {
  readonly scope: CallScope;
  readonly startedAtMs: number;
  readonly resolve: (body: unknown) => void;
  readonly reject: (error: unknown) => void;
  readonly stopListening: () => void;
}

/** A driver file takes longer than an answer. */
const uploadTimeoutMs = 120_000;

const unreserved = /^[\w.~-]*$/;

/** Percent-encodes. A lone surrogate has no UTF-8: it becomes U+FFFD, by which the service finds nothing. */
function encode(value: string): string {
  return unreserved.test(value) ? value : encodeURIComponent(value.replace(/\p{Surrogate}/gu, '\uFFFD'));
}

function pathOf({ path: template }: CallFacts, { path, query = {} }: CallRequest, projectId: string): string {
  const filled = template.replace(/\{(\w+)\}/g, (_, name: string) =>
    encode(name === 'project_id' ? projectId : (path?.[name] ?? '')),
  );
  let parameters = '';
  for (const name in query) {
    const value = query[name];
    if (value !== undefined) parameters += `${parameters === '' ? '?' : '&'}${encode(name)}=${encode(String(value))}`;
  }
  return filled + parameters;
}

function answerFromCache(
  { answer, ageMs, outcome }: FoundAnswer,
  { name: { plane } }: Upstream,
  call: string,
  { observer }: CallScope,
): Promise<unknown> {
  observer.cache({ plane, call, outcome, ageMs });
  observer.callEnd({ plane, call, outcome: 'OK', durationMs: 0 });
  return Promise.resolve(answer);
}

/**
 * A write that reached nobody changed nothing, and is no sign of a change: in an outage it must not take away the answers that
 * are kept for it.
 */
function mayHaveChanged(call: string, error: unknown): boolean {
  return (
    error instanceof GatewayError &&
    error.details.call === call &&
    (error.code === 'OUTCOME_UNKNOWN' || ![undefined, 429, 503].includes(error.details.status))
  );
}

/**
 * One call of one upstream, from when it is asked for until all who wait for it have their answer. Its steps, in order:
 *
 * 1. A read is answered by the cache, or joins an identical read under way ({@link UpstreamCall.read}).
 * 2. It waits for a permit of its upstream (`#attemptOnce`) and passes the breaker (`onPermit`).
 * 3. It gets the project and the token, which are known in nearly all cases (`#prepare`), and is sent (`#send`).
 * 4. The answer is read once, by `readAnswer`. A dead token is replaced once (`onFailure`).
 * 5. A failed read may be sent again after a pause (`#fail`).
 * 6. All who wait are answered (`#complete`).
 *
 * An operation whose deadline passes stops waiting; when nobody waits any more, the call is cancelled (`#leave`). No promise, timer or
 * signal is made where nothing waits.
 */
export class UpstreamCall implements PermitHolder, ExchangeReceiver<unknown> {
  readonly call: string;
  readonly isWrite: boolean;
  readonly #upstream: Upstream;
  readonly #facts: CallFacts;
  readonly #request: CallRequest;
  readonly #scope: CallScope;
  readonly #shared: SharedReads;
  /** Names a read in the cache and among the reads under way. */
  readonly #key: string | undefined;
  readonly #epoch: number;
  readonly #waiters = new Set<Waiter>();
  #attempt = 0;
  #admission: Admission | undefined;
  #token = '';
  #hasReplacedToken = false;
  #exchange: Exchange<unknown> | undefined;
  #pause: NodeJS.Timeout | undefined;
  #hasPermit = false;
  #isOver = false;

  private constructor(
    upstream: Upstream,
    call: string,
    request: CallRequest,
    scope: CallScope,
    shared: SharedReads,
    key?: string,
  ) {
    this.#upstream = upstream;
    this.call = call;
    this.#facts = upstream.calls[call] ?? { method: 'GET', path: '' };
    this.isWrite = this.#facts.method !== 'GET';
    this.#request = request;
    this.#scope = scope;
    this.#shared = shared;
    this.#key = key;
    this.#epoch = shared.cache.epoch;
  }

  get plane(): Upstream['name']['plane'] {
    return this.#upstream.name.plane;
  }

  get purpose(): CallFacts['purpose'] {
    return this.#facts.purpose;
  }

  /**
   * Reads: from the cache, with an identical read under way, or by a call.
   *
   * @throws GatewayError with plane and call, or the reason of the scope's deadline
   */
  static read(
    upstream: Upstream,
    call: string,
    request: CallRequest,
    scope: CallScope,
    shared: SharedReads,
  ): Promise<unknown> {
    if (scope.isUncached === true || upstream.calls[call]?.cacheable === false)
      return new UpstreamCall(upstream, call, request, scope, shared).#start();
    const key = JSON.stringify([scope.upstreamScope, scope.language, upstream.origin, call, request]);
    const known = shared.cache.find(key);
    const underWay = shared.underWay.get(key);
    if (known !== undefined) {
      if (known.outcome === 'STALE' && underWay === undefined)
        new UpstreamCall(upstream, call, request, scope, shared, key).#begin();
      return answerFromCache(known, upstream, call, scope);
    }
    if (underWay === undefined || !shared.areJoined)
      return new UpstreamCall(upstream, call, request, scope, shared, key).#start();
    scope.observer.cache({ plane: underWay.plane, call, outcome: 'SHARED' });
    return underWay.#join(scope);
  }

  /**
   * Writes, once. After it, nothing that was read before is sure any more.
   *
   * @throws GatewayError with plane and call. OUTCOME_UNKNOWN when it may have been carried out all the same; with any other code
   *   nothing was changed.
   */
  static write(
    upstream: Upstream,
    call: string,
    request: CallRequest,
    scope: CallScope,
    shared: SharedReads,
  ): Promise<unknown> {
    return new UpstreamCall(upstream, call, request, scope, shared).#start();
  }

  #start(): Promise<unknown> {
    const answered = this.#join(this.#scope);
    if (!this.#isOver) this.#begin();
    return answered;
  }

  /** Waits for the answer as long as the scope's deadline lets it. */
  #join(scope: CallScope): Promise<unknown> {
    return new Promise((resolve, reject) => {
      const { signal } = scope.deadline;
      const stopListening = onAbort(signal, () => this.#leave(waiter, signal.reason));
      const waiter: Waiter = { scope, resolve, reject, stopListening, startedAtMs: performance.now() };
      this.#waiters.add(waiter);
      if (signal.aborted) this.#leave(waiter, signal.reason);
    });
  }

  /** The deadline of an operation has passed. What others wait for goes on. */
  #leave(waiter: Waiter, reason: unknown): void {
    this.#waiters.delete(waiter);
    let error = reason;
    if (this.#waiters.size === 0 && !this.#isOver) {
      this.#close();
      clearTimeout(this.#pause);
      this.#upstream.permits.leave(this);
      error = this.#exchange?.cancel(reason) ?? reason;
      this.#release(error);
      this.#afterWrite(error);
    }
    this.#reject(waiter, error);
  }

  #begin(): void {
    const { underWay } = this.#shared;
    if (this.#key !== undefined && !underWay.has(this.#key)) underWay.set(this.#key, this);
    if (!this.isWrite) this.#upstream.retries?.earn();
    this.#attemptOnce();
  }

  #attemptOnce(): void {
    this.#attempt += 1;
    this.#hasReplacedToken = false;
    this.#upstream.permits.take(this);
  }

  /** The breaker is asked when the permit is given: where the upstream was given up meanwhile, the queue goes by at once. */
  onPermit(): void {
    this.#hasPermit = true;
    const admission = this.#upstream.breaker.begin(this.call);
    if (admission instanceof GatewayError) return this.#fail(admission);
    this.#admission = admission;
    this.#prepare();
  }

  get #credentials(): Credentials {
    return this.#scope.credentials?.(this.#upstream.name) ?? this.#upstream;
  }

  /** What it was sent with: texts of its answer do not show it. */
  get secret(): string {
    return this.#token;
  }

  #prepare(): void {
    const { project, tokens } = this.#credentials;
    const projectId = this.#needsProject() ? project.current() : '';
    const token = tokens.current();
    if (projectId === undefined || token === undefined) void this.#waitForToken();
    else this.#send(projectId, token);
  }

  #needsProject(): boolean {
    return this.#facts.path.includes('{project_id}');
  }

  /** Signing in and finding the project are shared by many calls: this one may be over before they are. */
  async #waitForToken(): Promise<void> {
    const { project, tokens } = this.#credentials;
    try {
      const projectId = this.#needsProject() ? (project.current() ?? (await project.get())) : '';
      const token = this.#isOver ? '' : (tokens.current() ?? (await tokens.get()));
      if (!this.#isOver) this.#send(projectId, token);
    } catch (error) {
      this.#fail(error);
    }
  }

  #send(projectId: string, token: string): void {
    const { name, origin, dispatcher, timeoutMs } = this.#upstream;
    const { body, form } = this.#request;
    const { agentHeader } = this.#facts;
    this.#token = token;
    try {
      const encoded = form && encodeForm(form);
      this.#exchange = new Exchange(
        {
          plane: name.plane,
          ...(name.agentId !== undefined && { agentId: name.agentId }),
          call: this.call,
          method: this.#facts.method as 'GET',
          path: pathOf(this.#facts, this.#request, projectId),
          headers: {
            accept: 'application/json',
            'content-type': encoded?.contentType ?? 'application/json',
            'x-auth-token': token,
            'x-language': this.#scope.language,
            ...(agentHeader !== undefined && name.agentId !== undefined && { [agentHeader]: name.agentId }),
          },
          traceHeaders: {},
          body: encoded?.body ?? (body && writeJson(body)),
          isWrite: this.isWrite,
          timeoutMs: form === undefined ? timeoutMs : uploadTimeoutMs,
        },
        this.#scope.observer,
        this,
      );
    } catch (error) {
      return this.#fail(error);
    }
    this.#exchange.send(dispatcher, origin);
  }

  readAnswer(answer: Answer): unknown {
    return readAnswer(this, answer);
  }

  onResult(body: unknown, bytes: number): void {
    this.#exchange = undefined;
    if (this.#key !== undefined) this.#shared.cache.keep(this.#key, body, bytes, this.#epoch);
    this.#release();
    this.#complete(body);
  }

  /**
   * A 401 in the middle of a token's life means that the token died: the account signs in once more, and the request is sent
   * once more. Writes too: a 401 was certainly not carried out. An upload can't be: its file is a stream. Where tokens die again
   * and again, the account must wait before it signs in once more: that is RATE_LIMITED, no refusal of the account. A 401 that
   * means a missing right (FORBIDDEN) keeps its token.
   */
  onFailure(error: unknown): void {
    this.#exchange = undefined;
    if (!(error instanceof GatewayError && error.code === 'SIGN_IN_REFUSED')) return this.#fail(error);
    const { tokens, onRefused } = this.#credentials;
    if (onRefused !== undefined) return this.#fail(onRefused(error));
    const waitSeconds = tokens.drop(this.#token);
    if (waitSeconds !== undefined) return this.#fail(tokensDie(error, waitSeconds));
    if (this.#hasReplacedToken || this.#request.form !== undefined) return this.#fail(error);
    this.#hasReplacedToken = true;
    this.#prepare();
  }

  #fail(error: unknown): void {
    if (this.#isOver) return;
    this.#release(error);
    const pauseMs = this.#pauseBeforeRetry(error);
    if (pauseMs === undefined) return this.#failForGood(error);
    const { name, observer } = this.#upstream;
    observer.retry({ ...name, reason: (error as GatewayError).code });
    this.#pause = setTimeout(() => this.#attemptOnce(), pauseMs);
  }

  #pauseBeforeRetry(error: unknown): number | undefined {
    if (this.isWrite || !(error instanceof GatewayError)) return undefined;
    return this.#upstream.retries?.spend(error, this.#attempt, this.#remainingMs());
  }

  /** The time of the most patient of those who wait. A read behind the callers' backs has time without end. */
  #remainingMs(): number {
    let longestMs = this.#waiters.size === 0 ? Infinity : 0;
    for (const { scope } of this.#waiters) longestMs = Math.max(longestMs, scope.deadline.remainingMs());
    return longestMs;
  }

  #failForGood(error: unknown): void {
    const { onMoved } = this.#upstream;
    if (error instanceof GatewayError && error.facts.relocate) onMoved?.();
    const staleIfError = error instanceof GatewayError && error.facts.staleIfError;
    const known = staleIfError && this.#key !== undefined ? this.#shared.cache.findForError(this.#key) : undefined;
    this.#close();
    this.#afterWrite(error);
    for (const waiter of this.#waiters) {
      if (known === undefined) this.#reject(waiter, error);
      else this.#resolve(waiter, known.answer, known.ageMs);
    }
  }

  #complete(body: unknown): void {
    this.#close();
    this.#afterWrite();
    for (const waiter of this.#waiters) this.#resolve(waiter, body);
  }

  /** Frees what the attempt held of its upstream. */
  #release(error?: unknown): void {
    const { breaker, permits } = this.#upstream;
    if (this.#admission !== undefined) breaker.end(this.#admission, error);
    this.#admission = undefined;
    if (this.#hasPermit) {
      this.#hasPermit = false;
      permits.release();
    }
  }

  #close(): void {
    this.#isOver = true;
    if (this.#key !== undefined && this.#shared.underWay.get(this.#key) === this)
      this.#shared.underWay.delete(this.#key);
  }

  #afterWrite(error?: unknown): void {
    if (!this.isWrite) return;
    if (error === undefined || mayHaveChanged(this.call, error)) {
      this.#shared.cache.clear();
      this.#shared.underWay.clear();
    }
    const { run, league = '', instance = '' } = this.#facts;
    const { path = {} } = this.#request;
    this.#scope.observer.write({ call: this.call, run, leagueId: path[league], instanceId: path[instance] });
  }

  #resolve({ scope: { observer }, startedAtMs, resolve, stopListening }: Waiter, body: unknown, ageMs?: number): void {
    const { plane, call } = this;
    stopListening();
    if (ageMs !== undefined) observer.cache({ plane, call, outcome: 'STALE_IF_ERROR', ageMs });
    else if (this.#key !== undefined) observer.cache({ plane, call, outcome: 'MISS' });
    observer.callEnd({ plane, call, outcome: 'OK', durationMs: performance.now() - startedAtMs });
    resolve(body);
  }

  #reject({ scope: { observer }, startedAtMs, reject, stopListening }: Waiter, error: unknown): void {
    const { plane, call } = this;
    stopListening();
    const outcome = error instanceof GatewayError ? error.code : 'ABORTED';
    observer.callEnd({ plane, call, outcome, durationMs: performance.now() - startedAtMs });
    reject(error);
  }
}

/** Tokens that are refused soon after they are given: the account must wait before it signs in once more. */
function tokensDie({ message, details }: GatewayError, retryAfter: number): GatewayError {
  return new GatewayError('RATE_LIMITED', `${message} Its tokens are refused soon after they are given.`, {
    ...details,
    retryAfter,
  });
}
