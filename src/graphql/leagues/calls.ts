import type { FieldCall } from '../calls.ts';

/** When an agent answers in the space plane's place. */
export const cannotAnswer = 'where the space plane can’t answer';

function leagueCalls(one: Pick<FieldCall, 'per' | 'onlyWhen'>, several: string): readonly FieldCall[] {
  // The leagues that the account created and those that it joined are two lists.
  const lists = { call: 'listLeagues', per: 'operation', paged: true, onlyWhen: several } as const;
  return [{ call: 'getLeague', ...one }, lists, lists];
}

/** What `league` costs: one league has a call of its own, several are read by their lists. */
export const leagueById = leagueCalls({ per: 'object' }, 'where several are asked for');

/** What a league costs that another object leads to. */
export const leagueOfObject = leagueCalls(
  { per: 'league', onlyWhen: 'where the league was not read yet' },
  'where several were not',
);
