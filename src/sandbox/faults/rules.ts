import type { Fault } from './faults.ts';

/** The calls that a rule matches. Undefined fields match everything. */
export interface RuleScope {
  /** Operation id, or `*` for every call, unknown paths included. */
  readonly operationId: string;
  readonly agentId?: string;
  /** Substring of the path. */
  readonly path?: string;
  /** Query parameters with exact values. */
  readonly query?: Readonly<Record<string, string>>;
}

/** Changes how matching calls are answered. */
export interface Rule extends RuleScope {
  /** Number of calls; unlimited when undefined. */
  readonly times?: number;
  /** Number of matching calls to skip first. */
  readonly after?: number;
  /** Delay in real time. The longest of all matching rules. */
  readonly latencyMs?: number;
  /** The first of all matching rules. */
  readonly fault?: Fault;
  /** Names of variants. All of all matching rules. */
  readonly variants?: readonly string[];
}

export interface ReceivedRequest {
  readonly operationId: string | undefined;
  readonly agentId: string | undefined;
  readonly path: string;
  readonly query: URLSearchParams;
}

/** The combined effects of all matching rules. */
export interface CallEffects {
  readonly latencyMs: number;
  readonly fault: Fault | undefined;
  readonly variants: readonly string[];
}

export interface Rules {
  replace(rules: readonly Rule[]): void;
  add(rules: readonly Rule[]): void;
  clear(): void;
  /** Rules with their remaining `times` and `after`. */
  list(): readonly Rule[];
  /** Matches a call and counts it. */
  effectsOf(call: ReceivedRequest): CallEffects;
}

function matches(rule: RuleScope, call: ReceivedRequest): boolean {
  return (
    (rule.operationId === '*' || rule.operationId === call.operationId) &&
    (rule.agentId === undefined || rule.agentId === call.agentId) &&
    (rule.path === undefined || call.path.includes(rule.path)) &&
    Object.entries(rule.query ?? {}).every(([name, value]) => call.query.get(name) === value)
  );
}

const untreated: CallEffects = { latencyMs: 0, fault: undefined, variants: [] };

export function createRules(): Rules {
  let active: { rule: Rule; left: number; passing: number }[] = [];
  const entries = (rules: readonly Rule[]) =>
    rules.map((rule) => ({ rule, left: rule.times ?? Infinity, passing: rule.after ?? 0 }));

  return {
    replace(rules) {
      active = entries(rules);
    },
    add(rules) {
      active.push(...entries(rules));
    },
    clear() {
      active = [];
    },
    list: () =>
      active.map(({ rule, left, passing }) => ({
        ...rule,
        ...(left === Infinity ? {} : { times: left }),
        ...(passing === 0 ? {} : { after: passing }),
      })),
    effectsOf(call) {
      if (active.length === 0) return untreated;
      const variants: string[] = [];
      let latencyMs = 0;
      let fault: Fault | undefined;
      for (const entry of active) {
        if (entry.left <= 0 || !matches(entry.rule, call)) continue;
        if (entry.passing > 0) {
          entry.passing -= 1;
          continue;
        }
        entry.left -= 1;
        latencyMs = Math.max(latencyMs, entry.rule.latencyMs ?? 0);
        fault ??= entry.rule.fault;
        variants.push(...(entry.rule.variants ?? []));
      }
      return { latencyMs, fault, variants };
    },
  };
}
