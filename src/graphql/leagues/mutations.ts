import { z } from 'zod';
import { builder } from '../builder.ts';
import { formatId, parseId } from '../shared/ids.ts';
import { idRule, optional, textRule, updateRules } from '../shared/limits.ts';
import { mutation } from '../shared/mutations.ts';
import { foundAgain } from '../shared/node.ts';
import type { LeagueChange } from '../../tics/leagues/loaders.ts';
import { League, PrivacyProtection } from './type.ts';

interface UpdateLeagueInput extends LeagueChange {
  readonly id: string;
}

const UpdateLeagueInput = builder.inputRef<UpdateLeagueInput>('UpdateLeagueInput').implement({
  description:
    'What to change of a league, one field at least. What is left out, or null, is not sent and stays as it is.',
  fields: (t) => ({
    id: t.id({ required: true, description: '`League:<id>`, or the bare id.' }),
    description: t.string({ description: 'What the league is for; at most 512 characters, none to have none.' }),
    differentialPrivacy: t.boolean({ description: 'Whether results are protected by differential privacy.' }),
    privacyProtection: t.field({ type: PrivacyProtection.asInput(), description: 'Level of privacy protection.' }),
  }),
});

mutation<UpdateLeagueInput, { leagueId: string }>('updateLeague', {
  description: 'Changes the settings of a league that the account created.',
  calls: [{ call: 'updateLeague', per: 'object' }],
  role: 'ADMINISTRATOR',
  input: UpdateLeagueInput,
  rules: updateRules(
    { id: idRule('League') },
    {
      description: optional(textRule(512)),
      differentialPrivacy: optional(z.boolean()),
      privacyProtection: optional(z.string()),
    },
  ),
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
  settle: ({ id, ...change }, { loaders }) => {
    const [leagueId] = parseId('League', id);
    return loaders.leagues.hasChanged(leagueId, change).then((hasChanged) => (hasChanged ? { leagueId } : null));
  },
});
