import { z } from 'zod';

/** Who may call. */
export const callers = z
  .union([z.literal('anonymous'), z.strictObject({ anonymous: z.literal(true) })], 'anonymous')
  .transform(() => 'anonymous' as const);

/** Nobody is let in by omission: with `tics` the key is a must. */
export const callersRequired = 'the word anonymous: whoever reaches the port then acts with the rights of tics.account';
