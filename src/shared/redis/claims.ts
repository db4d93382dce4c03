import { nowInLua, script, type RedisConnection } from './connection.ts';
import type { Replicas } from './replicas.ts';

/** Held by nobody, by a replica that is dead, or by this one. */
const claim = script(`${nowInLua}
local holder = redis.call('GET', KEYS[1])
if holder and holder ~= ARGV[1] then
  local untilMs = redis.call('ZSCORE', KEYS[2], holder)
  if untilMs and tonumber(untilMs) > nowMs then return 0 end
end
redis.call('SET', KEYS[1], ARGV[1], 'PX', 86400000)
return 1
`);

/** Claims that one replica holds at a time. */
export class Claims {
  readonly #connection: RedisConnection;
  readonly #replicas: Replicas;
  readonly #held = new Set<string>();
  #id: string;

  constructor(connection: RedisConnection, replicas: Replicas) {
    this.#connection = connection;
    this.#replicas = replicas;
    this.#id = replicas.id;
    // The replica's name changes after it was taken for dead.
    replicas.onBeat(() => this.#renew());
  }

  /** False while another live replica holds it. True while the server is unreachable. */
  async take(what: string): Promise<boolean> {
    if ((await this.#claim(what)) === 0) return false;
    this.#held.add(what);
    return true;
  }

  #claim(what: string): Promise<unknown> {
    const { key, id } = this.#replicas;
    return this.#connection.eval(claim, [this.#connection.key('claims', what), key], [id]);
  }

  #renew(): void {
    if (this.#id === this.#replicas.id) return;
    this.#id = this.#replicas.id;
    for (const what of this.#held) void this.#claim(what);
  }
}
