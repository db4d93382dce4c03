import { z } from 'zod';
import { ticsId } from './values.ts';

const roleNames = ['viewer', 'operator', 'approver', 'administrator'] as const;

const role = z
  .enum(roleNames, `a role: ${roleNames.join(', ')}`)
  .transform((name) => name.toUpperCase() as Uppercase<typeof name>);

const rolesOf = z.array(role, 'a list of roles').min(1, 'at least one role');

const leaguesOf = z.union(
  [z.array(ticsId('a league id'), 'a list of league ids').min(1), z.literal('all').transform(() => 'ALL' as const)],
  'all, or a list of league ids',
);

/** Who may call: kinds of callers, side by side. */
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
    },
    'the word anonymous, or a map of kinds of callers',
  )
  .refine((kinds) => Object.values(kinds).some((kind) => kind !== undefined), 'at least one kind of callers');

export type CallersConfig = Readonly<z.output<typeof callers>>;

/** Nobody is let in by omission: with `tics` the key is a must. */
export const callersRequired =
  'who may call: keys, or the word anonymous, with which whoever reaches the port acts with the rights of tics.account';
