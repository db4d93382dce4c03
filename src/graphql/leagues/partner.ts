import { builder } from '../builder.ts';
import { openEnum, openEnumFields } from '../shared/enums.ts';
import { connectionOf } from '../shared/page.ts';
import { partnerStatuses, type Partner as PartnerShape } from '../../tics/leagues/partner.ts';

const PartnerStatus = openEnum('PartnerStatus', 'State of a partner in a league.', partnerStatuses);

export const Partner = builder.objectRef<PartnerShape>('Partner').implement({
  description: 'A partner: a company that is, wants to be or was a member of a league.',
  fields: (t) => ({
    ticsId: t.exposeString('ticsId', { description: 'Id of the partner in the league.' }),
    accountName: t.exposeString('accountName', { description: 'Name of the partner’s account.' }),
    alias: t.exposeString('alias', { description: 'Name by which the partner goes in this league, unique there.' }),
    ...openEnumFields(t, 'status', PartnerStatus, 'State of the partner in the league.'),
  }),
});

export const PartnerConnection = connectionOf('Partner', Partner, 'partners');
