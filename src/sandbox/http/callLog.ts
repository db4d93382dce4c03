import type { Plane } from '../contract/contract.ts';

/** A call that the embedded TICS received. */
export interface RecordedCall {
  readonly sequence: number;
  readonly plane: Plane;
  /** The agent whose server was asked. */
  readonly agentId: string | undefined;
  /** Undefined where the contract knows no such call. */
  readonly operationId: string | undefined;
  readonly method: string;
  readonly path: string;
  readonly query: Readonly<Record<string, string>>;
  /** Without tokens and other secrets. */
  readonly headers: Readonly<Record<string, string>>;
  /** JSON, passwords masked; for multipart, its parts. */
  readonly body: unknown;
  readonly bodySha256: string | undefined;
  /** Stands for the caller's token: equal for equal tokens. */
  readonly token: string | undefined;
  /** Numbers the connections, so that reuse can be seen. */
  readonly connection: number;
  /** Real time, epoch milliseconds. */
  readonly receivedAtMs: number;
  /** Undefined while no answer was complete, and for ever when there was none. */
  readonly endedAtMs: number | undefined;
  readonly status: number | undefined;
  /** The caller went away before its answer was complete. */
  readonly isAborted: boolean;
}

export interface CallFilter {
  readonly operationId?: string;
  readonly plane?: Plane;
  readonly agentId?: string;
  /** Only calls with a higher sequence. */
  readonly after?: number;
}

export type ReceivedCall = Omit<RecordedCall, 'sequence' | 'receivedAtMs' | 'endedAtMs' | 'status' | 'isAborted'>;

/** What ended: `status` undefined means that nothing was answered. */
export type CallEnd = (status: number | undefined, isAborted: boolean) => void;

export interface CallLog {
  begin(call: ReceivedCall): CallEnd;
  list(filter?: CallFilter): readonly RecordedCall[];
  /** How many calls there were of each operation; calls that the contract does not know count as `unknown`. */
  counts(): Readonly<Record<string, number>>;
  clear(): void;
  /** Answers as soon as so many calls match, or with those that do when the time is over. */
  wait(count: number, filter: CallFilter, timeoutMs: number): Promise<readonly RecordedCall[]>;
}

/** Calls kept; of older ones only the counts are. */
const maxCalls = 20_000;

function matches(call: RecordedCall, { operationId, plane, agentId, after }: CallFilter): boolean {
  return (
    (operationId === undefined || call.operationId === operationId) &&
    (plane === undefined || call.plane === plane) &&
    (agentId === undefined || call.agentId === agentId) &&
    (after === undefined || call.sequence > after)
  );
}

/** The record of all calls, kept until it is cleared. */
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
