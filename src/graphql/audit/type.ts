import { builder } from '../builder.ts';
import { formatOptionalId } from '../shared/ids.ts';
import { openEnumFields } from '../shared/enums.ts';
import { connect, connectionOf, pageArguments } from '../shared/page.ts';
import { reportAt } from '../shared/partialErrors.ts';
import { InstanceStatus } from '../instances/enums.ts';
import { League } from '../leagues/type.ts';
import type { AuditEvent as AuditEventShape } from '../../tics/audit/loaders.ts';

const AuditEvent = builder.objectRef<AuditEventShape>('AuditEvent').implement({
  description: 'An entry of a league’s audit log: who did what, from which agent, and how it ended.',
  fields: (t) => ({
    ticsId: t.exposeString('ticsId', { description: 'Number of the entry, up to 64 bits.' }),
    leagueId: t.id({
      resolve: ({ leagueId }) => formatOptionalId('League', leagueId),
      description: 'Id of the league.',
    }),
    text: t.exposeString('text', { description: 'What was done, as one sentence of the service.' }),
    ...openEnumFields(
      t,
      'status',
      InstanceStatus,
      'How it stands or has ended; in the words of instances, whatever was done.',
    ),
    startedAt: t.expose('startedAt', { type: 'DateTime', description: 'When it began.' }),
    endedAt: t.expose('endedAt', { type: 'DateTime', description: 'When it ended; null while it has not.' }),
    updatedAt: t.expose('updatedAt', {
      type: 'DateTime',
      description: 'When the entry last changed; the service seldom says.',
    }),
    creatorProjectTicsId: t.exposeString('creatorProjectId', { description: 'Project of who did it.' }),
    creatorAccountTicsId: t.exposeString('creatorAccountId', { description: 'Account of who did it.' }),
    partnerAlias: t.exposeString('partnerAlias', { description: 'Alias in the league of the partner who did it.' }),
    agentName: t.exposeString('agentName', { description: 'Name of the agent from which it was done, if from one.' }),
  }),
});

const AuditEventConnection = connectionOf('AuditEvent', AuditEvent, 'entries of an audit log');

builder.objectField(League, 'auditLog', (t) =>
  t.field({
    type: AuditEventConnection,
    calls: [{ call: 'listAuditEvents', per: 'page100' }],
    description: 'Who did what in the league.',
    args: pageArguments,
    resolve: ({ ticsId }, page, { loaders, report }, info) =>
      connect(page, loaders.audit.log(ticsId), reportAt(report, info)),
  }),
);
