import type { Dispatcher } from 'undici';
import { Breaker, type BreakerState } from './breaker.ts';
import type { HttpMethod, Observer, UpstreamName } from './observer.ts';
import { Permits } from './permits.ts';
import type { CallPurpose } from './refusals.ts';
import { RetryBudget } from './retryBudget.ts';
import type { Credentials, Source, TokenSource } from './tokens.ts';

/** One call of a contract, with its attributes. */
export interface CallFacts {
  readonly method: HttpMethod;
  readonly path: string;
  readonly cacheable?: boolean;
  /** Whether it starts or stops runs. */
  readonly run?: 'STARTS' | 'STOPS';
  readonly purpose?: CallPurpose;
  /** The path parameter that names the league, and the one that names the instance. */
  readonly league?: string;
  readonly instance?: string;
  /** Whether its answer holds decimals whose digits count. */
  readonly lossless?: boolean;
  /** The header that names the agent that is asked. */
  readonly agentHeader?: string;
}

/** The calls of a contract, by operation id. */
export type CallTable = Readonly<Record<string, CallFacts>>;

/** Options of one upstream. */
export interface UpstreamOptions {
  readonly name: UpstreamName;
  readonly calls: CallTable;
  readonly origin: string;
  readonly dispatcher: Dispatcher;
  readonly tokens: TokenSource;
  /** Fills `{project_id}`; waited for only when a path needs it. */
  readonly project: Source<string>;
  /** Calls at once: as many as the dispatcher has sockets. */
  readonly callsAtOnce: number;
  /** Time limit of one attempt. */
  readonly timeoutMs: number;
  /** Whether failed reads are sent again. */
  readonly retries: boolean;
  readonly observer: Observer;
  /** Called after a failure that can mean that the server has moved. */
  readonly onMoved?: () => void;
}

/** One upstream server: its connections, its account's token, and the state of its guards, which all its calls share. */
export class Upstream implements Credentials {
  readonly name: UpstreamName;
  readonly origin: string;
  readonly dispatcher: Dispatcher;
  readonly tokens: TokenSource;
  readonly project: Source<string>;
  readonly timeoutMs: number;
  readonly observer: Observer;
  readonly onMoved: (() => void) | undefined;
  readonly permits: Permits;
  readonly breaker: Breaker;
  /** Undefined when reads are not sent again. */
  readonly retries: RetryBudget | undefined;
  readonly #calls: CallTable;

  constructor(options: UpstreamOptions) {
    this.name = options.name;
    this.#calls = options.calls;
    this.origin = options.origin;
    this.dispatcher = options.dispatcher;
    this.tokens = options.tokens;
    this.project = options.project;
    this.timeoutMs = options.timeoutMs;
    this.observer = options.observer;
    this.onMoved = options.onMoved;
    this.permits = new Permits(options.callsAtOnce);
    this.retries = options.retries ? new RetryBudget() : undefined;
    const onState = (state: BreakerState): void => this.observer.breakerState({ ...this.name, state });
    this.breaker = new Breaker({ plane: this.name.plane, onState });
    onState(this.breaker.state);
  }

  /** @throws Error for a call that the contract does not have */
  factsOf(call: string): CallFacts {
    const facts = this.#calls[call];
    if (facts === undefined) throw new Error(`The contract has no call ${call}.`);
    return facts;
  }

  /** Reports the breaker as closed: the upstream is no longer called. */
  retire(): void {
    if (this.breaker.state !== 'CLOSED') this.observer.breakerState({ ...this.name, state: 'CLOSED' });
  }
}
