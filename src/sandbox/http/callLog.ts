import type { Plane } from '../contract/document.ts';

/** A call that was received. */
export interface RecordedCall {
  readonly sequence: number;
  readonly plane: Plane;
  /** The agent of the server that was called. */
  readonly agentId: string | undefined;
  /** Undefined for calls that the contract does not know. */
  readonly operationId: string | undefined;
  readonly method: string;
  readonly path: string;
  readonly query: Readonly<Record<string, string>>;
  /** Without tokens. */
  readonly headers: Readonly<Record<string, string>>;
  /** JSON with masked passwords; multipart parts by name. */
  readonly body: unknown;
  readonly bodySha256: string | undefined;
  /** Fingerprint: equal for equal tokens. */
  readonly token: string | undefined;
  /** Numbers connections, to observe reuse. */
  readonly connection: number;
  /** Real time, epoch milliseconds. */
  readonly receivedAtMs: number;
  /** Undefined until the answer is complete. */
  readonly endedAtMs: number | undefined;
  readonly status: number | undefined;
  /** The client disconnected before the answer was complete. */
  readonly isAborted: boolean;
}

export interface CallFilter {
  readonly operationId?: string;
  readonly plane?: Plane;
  readonly agentId?: string;
  /** Only calls with a higher `sequence`. */
  readonly after?: number;
}

export type ReceivedCall = Omit<RecordedCall, 'sequence' | 'receivedAtMs' | 'endedAtMs' | 'status' | 'isAborted'>;

/** `status` is undefined when nothing was answered. */
export type CallEnd = (status: number | undefined, isAborted: boolean) => void;

export interface CallLog {
  begin(call: ReceivedCall): CallEnd;
  list(filter?: CallFilter): readonly RecordedCall[];
  /** Calls by operation; unknown ones count as `unknown`. */
  counts(): Readonly<Record<string, number>>;
  clear(): void;
  /** Resolves when `count` calls match, or after `timeoutMs` with those that do. */
  wait(count: number, filter: CallFilter, timeoutMs: number): Promise<readonly RecordedCall[]>;
}

/** Calls kept. Older ones are only counted. */
const maxCalls = 20_000;

function matches(call: RecordedCall, { operationId, plane, agentId, after }: CallFilter): boolean {
  return (
    (operationId === undefined || call.operationId === operationId) &&
    (plane === undefined || call.plane === plane) &&
    (agentId === undefined || call.agentId === agentId) &&
    (after === undefined || call.sequence > after)
  );
}

export function createCallLog(): CallLog {
  let calls: RecordedCall[] = [];
  let counts = new Map<string, number>();
  let sequence = 0;
  const waiting = new Set<() => void>();

  const list = (filter: CallFilter = {}): readonly RecordedCall[] => calls.filter((call) => matches(call, filter));

  return {
    begin(received) {
      sequence += 1;
      const call = {
        sequence,
        ...received,
        receivedAtMs: Date.now(),
        endedAtMs: undefined as number | undefined,
        status: undefined as number | undefined,
        isAborted: false,
      };
      calls.push(call);
      if (calls.length > maxCalls * 1.1) calls = calls.slice(-maxCalls);
      const counted = received.operationId ?? 'unknown';
      counts.set(counted, (counts.get(counted) ?? 0) + 1);
      for (const check of waiting) check();
      return (status, isAborted) => {
        call.endedAtMs = Date.now();
        call.status = status;
        call.isAborted = isAborted;
      };
    },
    list,
    counts: () => Object.fromEntries(counts),
    clear() {
      calls = [];
      counts = new Map();
    },
    wait(count, filter, timeoutMs) {
      return new Promise((resolve) => {
        const finish = (): void => {
          clearTimeout(timer);
          waiting.delete(check);
          resolve(list(filter));
        };
        const check = (): void => {
          if (list(filter).length >= count) finish();
        };
        const timer = setTimeout(finish, timeoutMs);
        waiting.add(check);
        check();
      });
    },
  };
}
