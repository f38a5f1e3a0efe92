import type { RedisConnection } from './redis-connection.ts';
import { redisScript } from './redis-scripts.ts';
import type { RestBoard, RestListener } from './rest-board.ts';

export interface RedisRestBoardOptions {
  /** The one key everything stands in. */
  readonly key: string;
  /** Who announces here; what it reads of its own it knows already. */
  readonly owner: string;
  /** Monotonic milliseconds. */
  readonly elapsed: () => number;
}

/** How often it is looked, in milliseconds: how late a process learns of another's rest. */
const LOOK_EVERY = 500;

/**
 * A hash of names, each with its end in milliseconds of the server's clock and its owner. The clocks of the processes
 * do not matter: what is told is how long something still rests.
 */
export class RedisRestBoard implements RestBoard {
  readonly #connection: RedisConnection;
  readonly #options: RedisRestBoardOptions;
  /** What has been told to the listener: said once, so that a target that got well before its time stays well. */
  #told = new Map<string, string>();
  #timer: ReturnType<typeof setInterval> | undefined;
  #isLooking = false;
  #isClosed = false;

  constructor(connection: RedisConnection, options: RedisRestBoardOptions) {
    this.#connection = connection;
    this.#options = options;
  }

  announce(name: string, milliseconds: number): void {
    const { key, owner } = this.#options;
    // Who does not hear of it finds out by itself.
    this.#connection.run(ANNOUNCE, [key], [name, Math.ceil(milliseconds), owner]).catch(() => undefined);
  }

  start(listener: RestListener): void {
    if (this.#isClosed || this.#timer !== undefined) return;
    this.#timer = setInterval(() => void this.#look(listener), LOOK_EVERY);
    this.#timer.unref();
    void this.#look(listener);
  }

  close(): Promise<void> {
    this.#isClosed = true;
    clearInterval(this.#timer);
    return this.#connection.close();
  }

  async #look(listener: RestListener): Promise<void> {
    if (this.#isLooking) return;
    this.#isLooking = true;
    const { key, owner, elapsed } = this.#options;
    try {
      const reply = await this.#connection.run(LOOK, [key], []);
      if (this.#isClosed || !Array.isArray(reply)) return;
      const told = new Map<string, string>();
      for (let i = 0; i + 3 < reply.length; i += 4) {
        const [name, by, ends, left] = reply.slice(i, i + 4).map(String);
        if (name === undefined || ends === undefined || by === owner) continue;
        told.set(name, ends);
        if (this.#told.get(name) !== ends) listener(name, elapsed() + Number(left));
      }
      this.#told = told;
    } catch {
      // Away; the connection has said so in the log.
    } finally {
      this.#isLooking = false;
    }
  }
}

const CLOCK = `
local time = redis.call('TIME')
local clock = tonumber(time[1]) * 1000 + math.floor(tonumber(time[2]) / 1000)
`;

/** ARGV: name, milliseconds, owner. What rests longer already stays as it is. */
const ANNOUNCE = redisScript(`${CLOCK}
local ends = clock + tonumber(ARGV[2])
local known = redis.call('HGET', KEYS[1], ARGV[1])
if known and tonumber(string.match(known, '^%d+')) >= ends then return 0 end
redis.call('HSET', KEYS[1], ARGV[1], string.format('%.0f %s', ends, ARGV[3]))
redis.call('PEXPIRE', KEYS[1], math.max(redis.call('PTTL', KEYS[1]), tonumber(ARGV[2])))
return 1
`);

/** Reply: name, owner, end and how long it still is, of each that rests. */
const LOOK = redisScript(`${CLOCK}
local reply = {}
local all = redis.call('HGETALL', KEYS[1])
for i = 1, #all, 2 do
  local ends, owner = string.match(all[i + 1], '^(%d+) (.*)$')
  if ends and tonumber(ends) > clock then
    reply[#reply + 1] = all[i]
    reply[#reply + 1] = owner
    reply[#reply + 1] = ends
    reply[#reply + 1] = tonumber(ends) - clock
  else
    redis.call('HDEL', KEYS[1], all[i])
  end
end
return reply
`);
