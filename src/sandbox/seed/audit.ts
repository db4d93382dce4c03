import type { AuditEvent, Dataset, Instance, Partner } from '../model/world.ts';

/** Start of the service's numbering. */
const firstNumber = 73_423;

/** Audit events in order: members, publications and runs. */
export function seedAuditEvents({
  partners,
  datasets,
  instances,
}: {
  partners: readonly Partner[];
  datasets: readonly Dataset[];
  instances: readonly Instance[];
}): AuditEvent[] {
  const events: Omit<AuditEvent, 'id'>[] = [
    ...partners
      .filter(({ status }) => status === 'JOINED')
      .map((partner) => ({
        leagueId: partner.leagueId,
        startedAtMs: partner.joinedAtMs,
        partnerId: partner.id,
        agentId: undefined,
        subject: { kind: 'membership', partnerId: partner.id } as const,
      })),
    ...datasets
      .filter(({ publication }) => publication !== 'UNPUBLISHED')
      .map((dataset) => ({
        leagueId: dataset.leagueId,
        startedAtMs: dataset.createdAtMs,
        partnerId: dataset.partnerId,
        agentId: dataset.agentId,
        subject: { kind: 'publication', datasetId: dataset.id, datasetName: dataset.name } as const,
      })),
    ...instances.map((instance) => ({
      leagueId: instance.leagueId,
      startedAtMs: instance.startedAtMs,
      partnerId: instance.partnerId,
      agentId: instance.agentId,
      subject: { kind: 'run', instanceId: instance.id } as const,
    })),
  ];
  return events
    .sort((a, b) => a.startedAtMs - b.startedAtMs)
    .map((event, index) => ({ id: firstNumber + index, ...event }));
}
