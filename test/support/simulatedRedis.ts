import { compileLua, type LuaScript, type LuaValue } from './lua.ts';

interface Kept {
  readonly value: string | Map<string, string> | string[];
  expiresAtMs: number;
}

/** What clients get of a value of Lua. */
export type Reply = string | number | null | readonly Reply[];

function replyOf(value: LuaValue): Reply {
  if (typeof value === 'number') return Math.trunc(value);
  if (typeof value === 'string') return value;
  if (!Array.isArray(value)) return value === true ? 1 : null;
  const end = value.indexOf(undefined);
  return value.slice(0, end < 0 ? value.length : end).map(replyOf);
}

/** A Redis of one thread, one process and one clock, with the commands that replicas use. It runs their scripts. */
export class SimulatedRedis {
  readonly #nowMs: () => number;
  readonly #publish: (channel: string, message: string) => void;
  readonly #keys = new Map<string, Kept>();
  readonly #scripts = new Map<string, LuaScript>();

  constructor(nowMs: () => number, publish: (channel: string, message: string) => void) {
    this.#nowMs = nowMs;
    this.#publish = publish;
  }

  /** Loses all that it had. */
  flush(): void {
    this.#keys.clear();
  }

  names(): readonly string[] {
    return [...this.#keys.keys()].filter((key) => this.#find(key) !== undefined);
  }

  eval(lua: string, keys: readonly string[], args: readonly (string | number)[]): Reply {
    let script = this.#scripts.get(lua);
    if (script === undefined) {
      script = compileLua(lua, (...words) => [this.#run(words)]);
      this.#scripts.set(lua, script);
    }
    return replyOf(script(keys, args.map(String)));
  }

  call(...words: readonly (string | number)[]): Reply {
    return replyOf(this.#run(words));
  }

  #run(words: readonly LuaValue[]): LuaValue {
    const [name = '', key = '', ...rest] = words.map((word) => String(word));
    const command = this.#commands[name.toUpperCase()];
    if (command === undefined) throw new Error(`ERR unknown command ${name}`);
    return command(key, ...rest);
  }

  #find(key: string): Kept | undefined {
    const kept = this.#keys.get(key);
    if (kept === undefined || kept.expiresAtMs > this.#nowMs()) return kept;
    this.#keys.delete(key);
    return undefined;
  }

  #text(key: string): string | undefined {
    return this.#find(key)?.value as string | undefined;
  }

  #map(key: string): Map<string, string> {
    const found = this.#find(key)?.value ?? new Map<string, string>();
    if (!this.#keys.has(key)) this.#keys.set(key, { value: found, expiresAtMs: Infinity });
    return found as Map<string, string>;
  }

  #list(key: string): string[] {
    const found = this.#find(key)?.value ?? [];
    if (!this.#keys.has(key)) this.#keys.set(key, { value: found, expiresAtMs: Infinity });
    return found as string[];
  }

  /** Collections that have nothing are no keys. */
  #clean<Value>(key: string, value: Value): Value {
    const kept = this.#keys.get(key)?.value;
    if (kept instanceof Map ? kept.size === 0 : Array.isArray(kept) && kept.length === 0) this.#keys.delete(key);
    return value;
  }

  /** Members of a sorted set between two scores, lowest first. */
  #sorted(key: string, from = -Infinity, to = Infinity): readonly (readonly [member: string, score: number])[] {
    const all = [...this.#map(key)].map(([member, score]) => [member, Number(score)] as const);
    return this.#clean(
      key,
      all
        .filter(([, score]) => score >= from && score <= to)
        .sort(([one, first], [other, second]) => first - second || (one < other ? -1 : 1)),
    );
  }

  readonly #commands: Readonly<Record<string, (key: string, ...rest: string[]) => LuaValue>> = {
    TIME: () => [String(Math.floor(this.#nowMs() / 1_000)), String((this.#nowMs() % 1_000) * 1_000)],
    GET: (key) => this.#text(key) ?? false,
    GETRANGE: (key, from, to) => (this.#text(key) ?? '').slice(Number(from), Number(to) + 1),
    SET: (key, value = '', px, ms) => {
      this.#keys.set(key, { value, expiresAtMs: px === undefined ? Infinity : this.#nowMs() + Number(ms) });
      return 'OK';
    },
    INCR: (key) => {
      const next = Number(this.#text(key) ?? 0) + 1;
      this.#keys.set(key, { value: String(next), expiresAtMs: this.#find(key)?.expiresAtMs ?? Infinity });
      return next;
    },
    DEL: (...keys) => keys.filter((key) => this.#keys.delete(key)).length,
    EXISTS: (key) => (this.#find(key) === undefined ? 0 : 1),
    PEXPIRE: (key, ms) => {
      const kept = this.#find(key);
      if (kept) kept.expiresAtMs = this.#nowMs() + Number(ms);
      return kept ? 1 : 0;
    },
    PTTL: (key) => {
      const kept = this.#find(key);
      if (kept === undefined) return -2;
      return kept.expiresAtMs === Infinity ? -1 : kept.expiresAtMs - this.#nowMs();
    },
    HSET: (key, ...pairs) => {
      const map = this.#map(key);
      for (let at = 0; at < pairs.length; at += 2) map.set(pairs[at] ?? '', pairs[at + 1] ?? '');
      return pairs.length / 2;
    },
    HGET: (key, field = '') => this.#clean(key, this.#map(key).get(field) ?? false),
    HMGET: (key, ...fields) =>
      this.#clean(
        key,
        fields.map((field) => this.#map(key).get(field) ?? false),
      ),
    HDEL: (key, field = '') => this.#clean(key, this.#map(key).delete(field) ? 1 : 0),
    HKEYS: (key) => this.#clean(key, [...this.#map(key).keys()]),
    HVALS: (key) => this.#clean(key, [...this.#map(key).values()]),
    HGETALL: (key) => this.#clean(key, [...this.#map(key)].flat()),
    RPUSH: (key, value = '') => this.#list(key).push(value),
    LLEN: (key) => this.#clean(key, this.#list(key).length),
    LRANGE: (key, from, to) => this.#clean(key, slice(this.#list(key), Number(from), Number(to))),
    LTRIM: (key, from, to) => {
      const list = this.#list(key);
      list.splice(0, list.length, ...slice(list, Number(from), Number(to)));
      return this.#clean(key, 'OK');
    },
    ZADD: (key, score = '', member = '') => {
      const isNew = !this.#map(key).has(member);
      this.#map(key).set(member, score);
      return isNew ? 1 : 0;
    },
    ZSCORE: (key, member = '') => this.#clean(key, this.#map(key).get(member) ?? false),
    ZREM: (key, member = '') => this.#clean(key, this.#map(key).delete(member) ? 1 : 0),
    ZRANGE: (key, from, to, scores) =>
      slice(this.#sorted(key), Number(from), Number(to)).flatMap(([member, score]) =>
        scores === undefined ? [member] : [member, String(score)],
      ),
    ZRANGEBYSCORE: (key, from, to) => this.#sorted(key, scoreOf(from), scoreOf(to)).map(([member]) => member),
    ZREMRANGEBYSCORE: (key, from, to) => {
      for (const [member] of this.#sorted(key, scoreOf(from), scoreOf(to))) this.#map(key).delete(member);
      return this.#clean(key, 0);
    },
    PUBLISH: (channel, message = '') => {
      this.#publish(channel, message);
      return 0;
    },
  };
}

function scoreOf(text = ''): number {
  return Number(text.replace('inf', 'Infinity'));
}

/** As the server counts: from the end below 0, both ends included. */
function slice<Value>(values: readonly Value[], from: number, to: number): readonly Value[] {
  return values.slice(from, to === -1 ? undefined : to + 1);
}
