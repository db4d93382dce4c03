import type { Fault } from './faults.ts';

/** Which calls a rule is for. What is left out matches everything. */
export interface RuleScope {
  /** The contract's operation id; `*` is every call, of paths that the contract does not know too. */
  readonly operationId: string;
  readonly agentId?: string;
  /** Part of the path. */
  readonly path?: string;
  /** Query parameters with exactly these values. */
  readonly query?: Readonly<Record<string, string>>;
}

/** What the embedded TICS does to the calls that it matches, besides answering them. */
export interface Rule extends RuleScope {
  /** How many calls the rule is for; without it, all of them. */
  readonly times?: number;
  /** How many matching calls pass by before the rule begins. */
  readonly after?: number;
  /** Wait before the answer, in real time; of several rules, the longest. */
  readonly latencyMs?: number;
  /** Of several rules, the first one's. */
  readonly fault?: Fault;
  /** Names of variants (`variants.ts`); of several rules, all. */
  readonly variants?: readonly string[];
}

/** A call, as far as rules look at it. */
export interface ReceivedRequest {
  readonly operationId: string | undefined;
  readonly agentId: string | undefined;
  readonly path: string;
  readonly query: URLSearchParams;
}

/** What all rules together ask for one call. */
export interface CallEffects {
  readonly latencyMs: number;
  readonly fault: Fault | undefined;
  readonly variants: readonly string[];
}

export interface Rules {
  /** Puts rules in the place of those before. */
  replace(rules: readonly Rule[]): void;
  /** Puts rules behind those before. */
  add(rules: readonly Rule[]): void;
  clear(): void;
  /** The rules, with what is left of their `times` and `after`. */
  list(): readonly Rule[];
  /** How a call is to be treated; counts it. */
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

/** The rules that the control port switches. */
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
