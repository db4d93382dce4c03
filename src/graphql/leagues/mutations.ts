import { formatId, parseId } from '../shared/ids.ts';
import { boolean, changesSomething, choice, id, input, required, text, type Given } from '../shared/input.ts';
import { maxLength } from '../shared/limits.ts';
import { mutation } from '../shared/mutations.ts';
import { foundAgain } from '../shared/node.ts';
import { League, PrivacyProtection } from './type.ts';

const change = {
  description: text('What the league is for; an empty one to have none.', maxLength(512)),
  differentialPrivacy: boolean('Whether results are protected by differential privacy.'),
  privacyProtection: choice(PrivacyProtection.asInput(), 'Level of privacy protection.'),
};

const UpdateLeagueInput = input('UpdateLeagueInput', {
  description:
    'What to change of a league, one field at least. What is left out, or null, is not sent and stays as it is.',
  fields: { id: required(id('League', 'The league')), ...change },
  check: changesSomething(change),
});

mutation<Given<typeof UpdateLeagueInput>, { leagueId: string }>('updateLeague', {
  description: 'Changes the settings of a league that the account created.',
  calls: [{ call: 'updateLeague', per: 'object' }],
  role: 'ADMINISTRATOR',
  input: UpdateLeagueInput,
  payload: (t) => ({
    leagueId: t.id({
      description: 'Id of the league: known even where the league can’t be read just now.',
      resolve: ({ leagueId }) => (leagueId ? formatId('League', leagueId) : null),
    }),
    league: t.field({
      type: League,
      calls: [{ call: 'getLeague', per: 'object' }],
      description: 'The league as it now is.',
      resolve: ({ leagueId }, _, { loaders }) => (leagueId ? foundAgain(loaders.leagues.byId(leagueId)) : null),
    }),
  }),
  run: async ({ id, ...change }, { loaders }) => {
    const [leagueId] = parseId('League', id);
    await loaders.leagues.update(leagueId, change);
    return { leagueId };
  },
  reconcile: ({ id, ...change }, { loaders }) => {
    const [leagueId] = parseId('League', id);
    return loaders.leagues.hasChanged(leagueId, change).then((hasChanged) => (hasChanged ? { leagueId } : null));
  },
});
