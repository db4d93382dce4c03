import * as z from 'zod';
import { secureUrl, text, ticsId } from './values.ts';

const roleNames = ['viewer', 'operator', 'approver', 'administrator'] as const;

const role = z
  .enum(roleNames, `a role: ${roleNames.join(', ')}`)
  .transform((name) => name.toUpperCase() as Uppercase<typeof name>);

const rolesOf = z.array(role, 'a list of roles').min(1, 'at least one role');

const leaguesOf = z.union(
  [z.array(ticsId('a league id'), 'a list of league ids').min(1), z.literal('all').transform(() => 'ALL' as const)],
  'all, or a list of league ids',
);

/** Asymmetric algorithms only: with HMAC, whoever knows the verification key can sign. */
const algorithms = [
  ...['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512', 'ES256', 'ES384', 'ES512', 'EdDSA', 'Ed25519'],
] as const;

const claims = z.strictObject(
  {
    name: text('a claim').default('sub').describe('The claim with the name of the caller.'),
    roles: text('a claim')
      .default('roles')
      .describe(
        'The claim with the roles: a list of texts, or a text with spaces. `a.b` is the claim `b` inside of `a`.',
      ),
    leagues: text('a claim')
      .optional()
      .describe(
        'The claim with the ids of the leagues that the caller may see; `*` is all of them. A token without the claim sees none. Left out: all leagues.',
      ),
  },
  'a map of claims',
);

const issuer = z.strictObject(
  {
    issuer: secureUrl('the issuer').describe('The issuer (`iss`), exactly as it stands in tokens.'),
    audience: z
      .union([text('an audience'), z.array(text('an audience')).min(1)], 'an audience, or a list of them')
      .describe('The audience (`aud`) that a token must name; of a list, one of them.'),
    jwks: secureUrl('the address of the keys')
      .optional()
      .describe(
        'Address of the issuer’s keys (JWKS). Default: as `/.well-known/openid-configuration` of the issuer tells.',
      ),
    algorithms: z
      .array(z.enum(algorithms, `an algorithm: ${algorithms.join(', ')}`), 'a list of algorithms')
      .min(1, 'at least one algorithm')
      .default(['RS256', 'PS256', 'ES256', 'EdDSA'])
      .describe('Algorithms of signatures that are taken.'),
    clockToleranceSeconds: z
      .int('whole seconds')
      .min(0, 'at least 0')
      .max(300, 'at most 300')
      .default(5)
      .describe('By so much clocks may differ.'),
    claims: claims.prefault({}).describe('Which claims tell who it is.'),
    roles: z
      .record(text('a value'), role, 'a map of values to roles')
      .optional()
      .describe(
        'Roles by the values of the claim, such as `tics-admins: administrator`. Default: the values are names of roles.',
      ),
  },
  'a map of keys: issuer and audience at least',
);

export type JwtConfig = Readonly<z.output<typeof issuer>>;

/** Section `callers`: the kinds of credentials that are accepted. */
export const callers = z
  .strictObject(
    {
      anonymous: z
        .strictObject(
          {
            roles: rolesOf
              .prefault([...roleNames])
              .describe('Their roles: `viewer`, `operator`, `approver`, `administrator`. Default: all of them.'),
            leagues: leaguesOf.prefault('all').describe('Ids of the leagues that they may see, or `all`, the default.'),
          },
          'true, or a map of roles and leagues',
        )
        .optional()
        .describe('Requests without credentials are let in. `true`: with all rights of `tics.account`.'),
      keys: z
        .strictObject({}, 'true')
        .optional()
        .describe('`true`: API keys are let in. `npm run key` makes, lists and revokes them, in `dataDirectory`.'),
      jwt: z
        .array(issuer, 'an issuer, or a list of them')
        .min(1, 'at least one issuer')
        .optional()
        .describe('JSON Web Tokens are let in, of any OpenID Connect provider. One issuer may stand without a list.'),
      passThrough: z
        .strictObject({}, 'true')
        .optional()
        .describe(
          '`true`: callers with tokens of TICS are let in, and act with these alone: `X-Auth-Token`, and `X-Agent-Token: <agent id>=<token>`.',
        ),
    },
    'the word anonymous, or a map of kinds of callers',
  )
  .refine((kinds) => Object.values(kinds).some((kind) => kind !== undefined), 'at least one kind of callers');

export type CallersConfig = Readonly<z.output<typeof callers>>;

/** With `tics` the key is required: nobody is let in by omission. */
export const callersRequired =
  'who may call: keys, or the word anonymous, with which whoever reaches the port acts with the rights of tics.account';
