import * as z from 'zod';
import { pemFrom } from './tls.ts';
import { milliseconds, positiveInteger, text } from './values.ts';

const redisUrl = 'a redis:// or rediss:// address';

const address = z.string(redisUrl).refine(isRedisUrl, redisUrl);

function isRedisUrl(url: string): boolean {
  return /^rediss?:\/\/\S+$/i.test(url) && URL.canParse(url);
}

const keyBytes = 32;

const base64Key = '32 random bytes as base64, such as `openssl rand -base64 32` prints';

const encryptionKey = z
  .string(base64Key)
  .regex(/^[0-9A-Za-z+/_-]{43}=?$/, base64Key)
  .refine((key) => Buffer.from(key, 'base64').length === keyBytes, base64Key);

/** What a server over TLS is known by, and what knows this one. */
function tls(directory: string) {
  const pem = (what: string) => pemFrom(directory, what).transform(({ pem: read }) => read);
  return z
    .strictObject(
      {
        ca: pem('a certificate')
          .optional()
          .describe(
            'PEM, or the path of a PEM file: the authority of its certificate. Default: those that Node trusts.',
          ),
        certificate: pem('a certificate')
          .optional()
          .describe('PEM, or the path of a PEM file: the certificate that a server with `tls-auth-clients` asks for.'),
        key: pem('the key of the certificate')
          .optional()
          .describe('PEM, or the path of a PEM file, without a password.'),
      },
      'a map of ca, certificate and key',
    )
    .refine(({ certificate, key }) => (certificate === undefined) === (key === undefined), {
      path: ['key'],
      error: 'certificate and key together',
    });
}

/**
 * Section `redis`: the Valkey or Redis that replicas share.
 *
 * @param directory - relative paths are resolved against it
 */
export function redis(directory: string) {
  return z
    .strictObject(
      {
        url: z
          .union([address, z.array(address).min(1)], 'a redis:// or rediss:// address, or a list of them')
          .describe(
            'Address of a Valkey or Redis 7: `redis://` or, over TLS, `rediss://`, with user, password and number of the database. With `sentinel` or `cluster`, one or several of their nodes. The environment variable `REDIS_URL` overrides it.',
          ),
        sentinel: text('the name of a master')
          .optional()
          .describe('The addresses are sentinels, and this is the master.'),
        sentinelPassword: text('the password of the sentinels').optional().describe('Where they ask for one.'),
        tls: tls(directory)
          .optional()
          .describe('For `rediss://` addresses: a certificate of an authority of your own, or one for this client.'),
        cluster: z
          .boolean('true or false')
          .default(false)
          .describe(
            'The addresses are nodes of a cluster. All keys share one slot: they are read and written together.',
          ),
        prefix: z
          .string('the beginning of keys')
          .regex(/^[\w.:-]{1,64}$/, 'at most 64 letters, digits, `_`, `-`, `.` and `:`')
          .default('tics-gateway')
          .describe('Begins all keys and channels. Gateways with the same prefix are replicas of one another.'),
        encryptionKeys: z
          .array(encryptionKey, 'a list of keys')
          .min(1, 'at least one key')
          .max(2, 'at most two keys: the one in use, and the one before or after it')
          .describe(
            'Keys (AES-256-GCM, 32 bytes as base64) of what is confidential there. The first one encrypts; both are tried for reading, so that keys can be rotated.',
          ),
        timeoutMs: milliseconds(1)
          .default(250)
          .describe('For so long a command is waited for. After one that fails each replica relies on its own memory.'),
        replicas: positiveInteger
          .default(3)
          .describe(
            'So many replicas are assumed where they can’t be counted: each takes its share of the limits of sign-ins and of callers.',
          ),
      },
      'a map of keys: url and encryptionKeys at least',
    )
    .refine(
      ({ url, sentinel, cluster }) => typeof url === 'string' || url.length === 1 || sentinel !== undefined || cluster,
      {
        path: ['url'],
        error: 'one address, or several with sentinel or cluster',
      },
    )
    .refine(({ sentinel, cluster }) => sentinel === undefined || !cluster, {
      path: ['cluster'],
      error: 'false where sentinel is set',
      when: ({ value }) => typeof value === 'object' && value !== null,
    });
}

export type RedisConfig = Readonly<z.output<ReturnType<typeof redis>>>;
