// undici's index loads its whole fetch stack (70 ms, 9 MB); the pool alone is all we use. Its types come from the index.
declare module 'undici/lib/dispatcher/pool.js' {
  import type { Pool } from 'undici';

  const pool: typeof Pool;
  export default pool;
}
