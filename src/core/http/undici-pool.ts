// undici's connection pool, without its connections for nobody.
import buildConnector from 'undici/lib/core/connect.js';
import Pool from 'undici/lib/dispatcher/pool.js';

export type ConnectionPool = InstanceType<typeof Pool>;

const NOT_NEEDED = new Error('Nobody waits for this connection');

/**
 * A keep-alive pool for one origin; `connect` is what undici's connector is told beside the standard, such as TLS
 * settings; `keepAlive` how many milliseconds an idle connection stays open where the server names no time. Timeouts are
 * off: deadlines are the caller's, also while a connection is being made.
 *
 * A call that is aborted takes its connection along, and undici at once opens another in its place that nobody has asked
 * for, and which stays (https://github.com/nodejs/undici/issues/5845): a handshake more for each client that leaves. That
 * connection is refused here; it is the one that is asked for while undici still tells of the loss of the other.
 */
export function openConnectionPool(origin: string, connect: object, keepAlive: number): ConnectionPool {
  const open = buildConnector({ timeout: 10_000, ...connect });
  let isAbort = false;
  const pool = new Pool(origin, {
    connections: 4096,
    pipelining: 1,
    headersTimeout: 0,
    bodyTimeout: 0,
    keepAliveTimeout: keepAlive,
    connect: (options, callback) => {
      if (isAbort) callback(NOT_NEEDED, null);
      else open(options, callback);
    },
  });
  pool.on('disconnect', (_origin, _targets, error) => {
    isAbort = 'code' in error && error.code === 'UND_ERR_INFO' && error.message === 'aborted';
    if (isAbort) queueMicrotask(() => (isAbort = false));
  });
  return pool;
}
