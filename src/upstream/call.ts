import { GatewayError, type Plane } from '../errors.ts';
import { readAnswer, type Answer } from './answer.ts';
import type { Admission } from './breaker.ts';
import type { FoundAnswer } from './cache.ts';
import { toHttpRequest, type CallRequest } from './callRequest.ts';
import type { CallScope } from './callScope.ts';
import { Exchange, type ExchangeReceiver } from './exchange.ts';
import type { PermitHolder } from './permits.ts';
import { keyOfRead, type ReadUnderWay, type SharedReads } from './sharedReads.ts';
import { tokensRefused, type Credentials } from './tokens.ts';
import type { CallFacts, Upstream } from './upstream.ts';
import { Waiters, type AwaitedCall } from './waiters.ts';

/**
 * Reads from the cache, joins an identical read in flight, or makes the call.
 *
 * @throws GatewayError with plane and call, or the reason of the scope's deadline
 */
export function read(
  upstream: Upstream,
  call: string,
  request: CallRequest,
  scope: CallScope,
  shared: SharedReads,
): Promise<unknown> {
  const key = keyOfRead(upstream, call, request, scope);
  const newCall = (): UpstreamCall => new UpstreamCall(upstream, call, request, scope, shared, key);
  if (key === undefined) return newCall().answer();
  const known = shared.find(key);
  if (known !== undefined) {
    if (known.outcome === 'STALE' && !shared.isUnderWay(key)) newCall().start();
    return fromCache(known, upstream, call, scope);
  }
  const underWay = shared.toJoin(key);
  if (underWay === undefined) return newCall().answer();
  scope.observer.cache({ plane: underWay.plane, call, outcome: 'SHARED' });
  return underWay.join(scope);
}

/** Longest wait for other replicas to learn of a write when its operation has no time left. */
const announceWithinMs = 50;

/**
 * Sends a write, once. Drops cached reads, which can be outdated after it, on all replicas.
 *
 * @throws GatewayError with plane and call. OUTCOME_UNKNOWN when it may have been carried out all the same; with any other code
 *   nothing was changed.
 */
export function write(
  upstream: Upstream,
  call: string,
  request: CallRequest,
  scope: CallScope,
  shared: SharedReads,
): Promise<unknown> {
  const answer = new UpstreamCall(upstream, call, request, scope, shared).answer();
  return shared.onceAnnounced(answer, () => Math.max(scope.deadline.remainingMs(), announceWithinMs));
}

function fromCache(
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
 * One call of one upstream. Its steps, from top to bottom:
 *
 * 1. It waits for a permit of its upstream, then asks the breaker.
 * 2. It gets the project and the token, which are known in nearly all cases.
 * 3. It is sent, and its answer is read once.
 * 4. A token that died is replaced, and the request sent once more.
 * 5. A read that failed is sent again after a pause, where that can help.
 * 6. All operations that wait are answered.
 *
 * An operation whose deadline passes stops waiting ({@link Waiters}); when none waits any more, the call is cancelled. Steps that need
 * not wait create no promise, timer or signal.
 */
class UpstreamCall implements AwaitedCall, PermitHolder, ExchangeReceiver<unknown>, ReadUnderWay {
  readonly call: string;
  readonly plane: Plane;
  readonly isWrite: boolean;
  readonly purpose: CallFacts['purpose'];
  readonly isBackground: boolean;
  readonly #upstream: Upstream;
  readonly #facts: CallFacts;
  readonly #request: CallRequest;
  readonly #scope: CallScope;
  readonly #shared: SharedReads;
  /** Undefined for a write, and for a read that shares nothing. */
  readonly #key: string | undefined;
  readonly #epoch: number;
  readonly #begunAtMs: number;
  readonly #waiters = new Waiters(this);
  #attempt = 0;
  #hasPermit = false;
  #admission: Admission | undefined;
  #token = '';
  #hasReplacedToken = false;
  #exchange: Exchange<unknown> | undefined;
  #pause: NodeJS.Timeout | undefined;
  #isOver = false;

  constructor(
    upstream: Upstream,
    call: string,
    request: CallRequest,
    scope: CallScope,
    shared: SharedReads,
    key?: string,
  ) {
    this.call = call;
    this.plane = upstream.name.plane;
    this.#upstream = upstream;
    this.#facts = upstream.factsOf(call);
    this.isWrite = this.#facts.method !== 'GET';
    this.purpose = this.#facts.purpose;
    this.isBackground = scope.isBackground === true;
    this.#request = request;
    this.#scope = scope;
    this.#shared = shared;
    this.#key = key;
    this.#epoch = shared.epoch;
    this.#begunAtMs = key === undefined ? 0 : performance.now();
  }

  /** Starts, and waits for the answer. */
  answer(): Promise<unknown> {
    const answer = this.join(this.#scope);
    if (!this.#isOver) this.start();
    return answer;
  }

  /** Waits for the answer. */
  join(scope: CallScope): Promise<unknown> {
    return this.#waiters.join(scope);
  }

  /** Starts without a waiter, to refresh the cache. */
  start(): void {
    if (this.#key !== undefined) this.#shared.begin(this.#key, this);
    if (!this.isWrite) this.#upstream.retries?.earn();
    this.#attemptOnce();
  }

  #attemptOnce(): void {
    this.#attempt += 1;
    this.#hasReplacedToken = false;
    this.#upstream.permits.take(this);
  }

  /** The breaker is asked after the permit is given: when it has opened meanwhile, the whole queue fails at once. */
  onPermit(): void {
    this.#hasPermit = true;
    const admission = this.#upstream.breaker.begin(this.call);
    if (admission instanceof GatewayError) return this.#fail(admission);
    this.#admission = admission;
    this.#authenticate();
  }

  get #credentials(): Credentials {
    return this.#scope.credentials?.(this.#upstream.name) ?? this.#upstream;
  }

  #authenticate(): void {
    const { project, tokens } = this.#credentials;
    const projectId = this.#facts.path.includes('{project_id}') ? project.current() : '';
    const token = tokens.current();
    if (projectId === undefined || token === undefined) void this.#signIn(projectId);
    else this.#send(token, projectId);
  }

  /** Calls share the sign-in and the search for the project, so this one can be over before they are. */
  async #signIn(knownProjectId: string | undefined): Promise<void> {
    const { project, tokens } = this.#credentials;
    try {
      const projectId = knownProjectId ?? (await project.get());
      const token = this.#isOver ? '' : (tokens.current() ?? (await tokens.get()));
      if (!this.#isOver) this.#send(token, projectId);
    } catch (error) {
      this.#fail(error);
    }
  }

  #send(token: string, projectId: string): void {
    const { language, observer } = this.#scope;
    this.#token = token;
    try {
      const request = toHttpRequest(this.#upstream, this.call, this.#request, { token, projectId, language });
      this.#exchange = new Exchange(request, observer, this);
    } catch (error) {
      return this.#fail(error);
    }
    this.#exchange.send(this.#upstream.dispatcher, this.#upstream.origin);
  }

  /** The token: masked in all texts of the answer. */
  get secret(): string {
    return this.#token;
  }

  readAnswer(answer: Answer): unknown {
    return readAnswer(this, answer);
  }

  onResult(body: unknown, bytes: number): void {
    this.#exchange = undefined;
    if (this.#key !== undefined) this.#shared.keep(this.#key, body, bytes, this.#epoch, this.#begunAtMs);
    this.#release();
    this.#end();
    this.#waiters.resolve(body, this.#key === undefined ? undefined : { outcome: 'MISS' });
  }

  /**
   * A 401 before a token expires means that the service dropped it: the account signs in again, and the request is sent again.
   * Writes too, since a 401 was certainly not carried out; not uploads, whose file is a stream. When new tokens are refused as
   * well, the account has to wait: RATE_LIMITED. A 401 that means a missing right (FORBIDDEN) keeps its token.
   */
  onFailure(error: unknown): void {
    this.#exchange = undefined;
    if (!(error instanceof GatewayError && error.code === 'SIGN_IN_REFUSED')) return this.#fail(error);
    const { tokens, onRefused } = this.#credentials;
    if (onRefused !== undefined) return this.#fail(onRefused(error));
    const waitSeconds = tokens.drop(this.#token);
    if (waitSeconds !== undefined) return this.#fail(tokensRefused(error, waitSeconds));
    if (this.#hasReplacedToken || this.#request.form !== undefined) return this.#fail(error);
    this.#hasReplacedToken = true;
    this.#authenticate();
  }

  /** The attempt failed: retries it, or rejects for all waiters. */
  #fail(error: unknown): void {
    if (this.#isOver) return;
    this.#release(error);
    if (!this.#retry(error)) this.#giveUp(error);
  }

  /** False when the request is not sent again. */
  #retry(error: unknown): boolean {
    if (this.isWrite || !(error instanceof GatewayError)) return false;
    const { name, observer, retries } = this.#upstream;
    const pauseMs = retries?.spend(error, this.#attempt, this.#waiters.remainingMs());
    if (pauseMs === undefined) return false;
    observer.retry({ ...name, reason: error.code });
    this.#pause = setTimeout(() => this.#attemptOnce(), pauseMs);
    return true;
  }

  #giveUp(error: unknown): void {
    const { relocate, staleIfError } = error instanceof GatewayError ? error.facts : {};
    if (relocate) this.#upstream.onMoved?.();
    const known = staleIfError && this.#key !== undefined ? this.#shared.findForError(this.#key) : undefined;
    this.#end(error);
    if (known === undefined) this.#waiters.reject(error);
    else this.#waiters.resolve(known.answer, { outcome: 'STALE_IF_ERROR', ageMs: known.ageMs });
  }

  /** The last waiter has left: cancels the call, at whichever step it is. */
  onAbandoned(reason: unknown): unknown {
    if (this.#isOver) return reason;
    this.#isOver = true;
    clearTimeout(this.#pause);
    this.#upstream.permits.leave(this);
    const error = this.#exchange?.cancel(reason) ?? reason;
    this.#release(error);
    this.#end(error);
    return error;
  }

  /** Releases the attempt's permit and ends it for the breaker. */
  #release(error?: unknown): void {
    const { breaker, permits } = this.#upstream;
    if (this.#admission !== undefined) breaker.end(this.#admission, error);
    this.#admission = undefined;
    if (this.#hasPermit) {
      this.#hasPermit = false;
      permits.release();
    }
  }

  #end(error?: unknown): void {
    this.#isOver = true;
    if (this.#key !== undefined) this.#shared.end(this.#key, this);
    if (this.isWrite) this.#endWrite(error);
  }

  #endWrite(error: unknown): void {
    const { run, league = '', instance = '' } = this.#facts;
    const { path = {} } = this.#request;
    this.#shared.afterWrite(this.call, error);
    this.#scope.observer.write({ call: this.call, run, leagueId: path[league], instanceId: path[instance] });
  }
}
