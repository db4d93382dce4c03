import { expect } from 'vitest';
import type { Agent, Instance, SqlJob } from '../../src/sandbox/model/world.ts';
import type { Stage } from './gateway.ts';
import { rawId } from './ids.ts';
import { mutate } from './mutate.ts';
import { newName } from './names.ts';
import { required } from './required.ts';

/** The payload of mutations of SQL jobs, as `jobFields` and `instanceFields` select it. */
export interface SqlJobPayload {
  readonly job: {
    readonly id: string;
    readonly name: string;
    readonly approvalStatus: string;
    readonly definition: {
      readonly sql: string;
      readonly description: string;
      readonly parametersText: string;
      readonly executionParameters: object;
    };
  } | null;
  readonly instance: {
    readonly id: string;
    readonly currentStatus: string;
    readonly jobName: string;
    readonly job: { readonly id: string };
  } | null;
}

export const jobFields = 'job { id name approvalStatus definition { sql description parametersText } }';
export const instanceFields = 'instance { id currentStatus jobName job { id } }';

/** An online agent, in a league that asks for approvals or in one that does not. */
export function agentOf({ sandbox: { world } }: Stage, asksForApproval: boolean): Agent {
  return required(
    world.agents.find(
      ({ leagueId, nodeStatus }) =>
        nodeStatus === 'TRUST' && world.league(leagueId)?.approvalRequired === asksForApproval,
    ),
    'agent in such a league',
  );
}

/** A statement over a table of this agent, which needs no approval of another partner. */
export function ownStatement({ sandbox: { world } }: Stage, { id, partnerId, leagueId }: Agent): string {
  const dataset = required(
    world.datasetsOfLeague(leagueId).find(({ agentId, table }) => agentId === id && table !== undefined),
    'published table',
  );
  return `SELECT COUNT(*) AS n FROM \`${world.partner(partnerId)?.alias ?? ''}\`.\`${dataset.name}\``;
}

/** A statement over another partner's table. */
export function foreignStatement({ sandbox: { world } }: Stage, { partnerId, leagueId }: Agent): string {
  const dataset = required(
    world
      .datasetsOfLeague(leagueId)
      .find((candidate) => candidate.partnerId !== partnerId && candidate.table !== undefined),
    'table of another partner',
  );
  return `SELECT COUNT(*) AS n FROM \`${world.partner(dataset.partnerId)?.alias ?? ''}\`.\`${dataset.name}\``;
}

/** The mutations of SQL jobs, and what the embedded TICS holds afterwards. */
export function sqlJobWrites(stage: Stage) {
  const write = (name: string, selection: string) => (input: object) =>
    mutate<SqlJobPayload>(stage, name, input, selection);
  const create = write('createSqlJob', jobFields);
  const update = write('updateSqlJob', jobFields);
  return {
    create,
    update,
    submit: write('submitSqlJobForApproval', jobFields),
    cancel: write('cancelSqlJobApproval', jobFields),
    execute: write('executeSqlJob', `${instanceFields} ${jobFields}`),
    remove: (input: object) => mutate<{ readonly deletedId: string | null }>(stage, 'deleteJob', input, 'deletedId'),
    /** Creates a job and saves a statement in it; forgets the calls that took. */
    savedJob: async (agent: Agent, sql = ownStatement(stage, agent)): Promise<string> => {
      const { job } = await create({ leagueId: agent.leagueId, agentId: agent.id, name: newName('analysis') });
      const id = required(job?.id, 'new job');
      expect((await update({ id, agentId: agent.id, sql })).userErrors).toEqual([]);
      await stage.sandbox.client.clearCalls();
      return id;
    },
    sqlJob: (id: string): SqlJob => {
      const job = stage.sandbox.world.job(rawId(id));
      if (job?.type !== 'SQL') throw new Error('there is no such SQL job');
      return job;
    },
    runsOf: (id: string): readonly Instance[] => stage.sandbox.world.instancesOfJob(rawId(id)),
    callsOf: (operationId: string) => stage.sandbox.client.calls({ operationId }),
  };
}
