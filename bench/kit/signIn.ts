import { Pool } from 'undici';

/** As many sockets as the gateway opens to one upstream. */
const connections = 64;

/** Connections to the static upstream, and the headers that a call of the space plane needs. */
export async function signIn(upstream: string) {
  const pool = new Pool(upstream, { connections });
  const { headers: answered, body } = await pool.request({ path: '/v3/auth/tokens', method: 'POST', body: '{}' });
  await body.dump();
  const token = answered['x-subject-token'];
  if (typeof token !== 'string') throw new Error('upstream gave no token');
  return { pool, headers: { 'x-auth-token': token, 'x-language': 'en_us', accept: 'application/json' } };
}
