import { builder } from '../builder.ts';
import { formatOptionalId } from '../shared/ids.ts';
import { connect, connectionOf, pageArguments } from '../shared/page.ts';
import { reportAt } from '../shared/partialErrors.ts';
import { Partner } from '../leagues/partner.ts';
import { leagueOfObject } from '../leagues/calls.ts';
import { League, LeagueBlockchain } from '../leagues/type.ts';
import type {
  MembershipNotice as MembershipNoticeShape,
  NoticeLeague as NoticeLeagueShape,
} from '../../tics/notices/membership.ts';

const NoticeLeague = builder.objectRef<NoticeLeagueShape>('MembershipNoticeLeague').implement({
  description: 'What a notice of membership itself tells of its league. The service leaves much of it empty or at 0.',
  fields: (t) => ({
    leagueId: t.id({
      description: 'Id of the league.',
      resolve: ({ ticsId }) => formatOptionalId('League', ticsId),
    }),
    name: t.exposeString('name', { description: 'Name of the league.' }),
    description: t.exposeString('description', { description: 'What the league is for, in its creator’s words.' }),
    memberCount: t.expose('memberCount', {
      type: 'Long',
      description: 'How many partners the league has; 0 where the service does not say.',
    }),
    creatorName: t.exposeString('creatorName', { description: 'Name of the user who created the league.' }),
    createdAt: t.expose('createdAt', {
      type: 'DateTime',
      description: 'When the league was created; null where the service does not say.',
    }),
    expiresAt: t.expose('expiresAt', { type: 'DateTime', description: 'When the league ends; null when it does not.' }),
    blockchain: t.expose('blockchain', {
      type: LeagueBlockchain,
      description: 'Where its evidence is kept, if anywhere.',
    }),
  }),
});

export const MembershipNotice = builder.objectRef<MembershipNoticeShape>('MembershipNotice').implement({
  description: 'A notice of membership: a partner is invited to a league, has joined, was turned away or has left.',
  fields: (t) => ({
    league: t.field({
      type: League,
      calls: leagueOfObject,
      description: 'The league itself; null when the account does not see it.',
      resolve: ({ leagueId }, _, { loaders }) => (leagueId ? loaders.leagues.byId(leagueId) : null),
    }),
    leagueSummary: t.expose('leagueSummary', {
      type: NoticeLeague,
      description: 'What the notice itself tells of the league, also of one that the account is not in.',
    }),
    leagueId: t.id({
      resolve: ({ leagueId }) => formatOptionalId('League', leagueId),
      description: 'Id of the league.',
    }),
    leagueName: t.exposeString('leagueName', { description: 'Name of the league.' }),
    partners: t.field({
      type: [Partner],
      nullable: { list: false, items: false },
      description: 'Partners of the league.',
      resolve: ({ partners }) => partners,
    }),
    partner: t.expose('partner', {
      type: Partner,
      nullable: false,
      description: 'The partner that the notice is about.',
    }),
    createdAt: t.expose('createdAt', { type: 'DateTime', description: 'When the notice was made.' }),
    creatorTicsId: t.exposeString('creatorId', { description: 'Id of the user who made it.' }),
    creatorName: t.exposeString('creatorName', { description: 'Name of the user who made it.' }),
    updatedAt: t.expose('updatedAt', { type: 'DateTime', description: 'When the notice last changed.' }),
    updaterTicsId: t.exposeString('updaterId', { description: 'Id of the user who changed it last.' }),
    updaterName: t.exposeString('updaterName', { description: 'Name of the user who changed it last.' }),
  }),
});

const MembershipNoticeConnection = connectionOf('MembershipNotice', MembershipNotice, 'notices of membership');

builder.queryField('membershipNotices', (t) =>
  t.field({
    type: MembershipNoticeConnection,
    calls: [{ call: 'listMembershipNotices', per: 'page100' }],
    description: 'Notices of membership in leagues. Notices that ask for the approval of jobs: `Agent.notices`.',
    args: pageArguments,
    resolve: (_, page, { loaders, report }, info) =>
      connect(page, loaders.membershipNotices.list, reportAt(report, info)),
  }),
);
