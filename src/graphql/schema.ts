import { GraphQLDeferDirective, GraphQLStreamDirective } from '@graphql-tools/utils';
import { specifiedDirectives } from 'graphql';
import { deadlineDirective } from './branchDeadline.ts';
import { builder } from './builder.ts';
import { linkInheritedCosts } from './calls.ts';
import './shared/scalars.ts';
import './shared/node.ts';
// Each domain may add fields to the types of the domains above it, and imports only those.
import './leagues/type.ts';
import './agents/type.ts';
import './connectors/type.ts';
import './datasets/type.ts';
import './datasets/lists.ts';
import './instances/type.ts';
import './instances/run.ts';
import './instances/details.ts';
import './jobs/type.ts';
import './jobs/sql/type.ts';
import './jobs/learning/type.ts';
import './jobs/list.ts';
import './jobs/ofInstance.ts';
import './notices/type.ts';
import './notices/membership.ts';
import './audit/type.ts';
import './statistics/type.ts';
import './viewer/type.ts';
import './rows/type.ts';
import './leagues/mutations.ts';
import './instances/actions.ts';
import './jobs/actions.ts';
import './notices/actions.ts';
import './instances/mutations.ts';
import './jobs/sql/mutations.ts';
import './jobs/sql/runSqlJob.ts';
import './jobs/deletion.ts';
import './jobs/learning/mutations.ts';
import './jobs/learning/runMutations.ts';
import './jobs/pipeline/runVerticalPipeline.ts';
import './connectors/mutations.ts';
import './notices/mutations.ts';
import './datasets/mutations.ts';
import './agents/subscription.ts';
import './instances/subscription.ts';

const description = `TICS in one schema: leagues of companies that compute over their data together without showing it to one another.

**Start** at \`viewer\`, which says who asks and what is reachable, and at \`leagues\`. A \`League\` has agents, datasets, jobs and instances (the runs of jobs); an \`Agent\` has connectors, its own datasets and the notices it is to approve.

**Planes**: the service answers in two places. Its *space plane* knows leagues and what they share; each agent is an *agent plane*, which knows its own company’s jobs, datasets and connectors. A field asks the one that can answer, or the other where that one is away; \`plane\` of an error says which failed.

**Ids**: \`id\` and every field \`…Id\` are global ids, readable ones such as \`Job:<league>/sql/<job>\`: \`node\` and \`nodes\` take each of them. A field \`…TicsId\` is a raw id of the service.

**Lists** are Relay connections: exact for any \`first\` and \`after\`, newest first. A row that came without an id, or twice, or not at all though the total counts it, is left out and \`errors\` says so.

**Nulls and errors**: what the service does not tell is null. A call that fails costs its own field, which is null, and one entry of \`errors\` with \`extensions.code\`: see \`ErrorCode\`. \`@deadline\` bounds how long a part of a query may take. Mutations answer \`userErrors\` for what the caller can mend.

**Enums** of the service are open: a value that is not listed reads UNKNOWN, and the raw one stands in the field \`…Text\`.

**Costs**: a field says which calls it causes upstream. What an object already tells costs nothing; equal calls of one operation are made once.`;

/** The schema that all domains have added to. */
export const schema = Object.assign(
  builder.toSchema({
    directives: [...specifiedDirectives, deadlineDirective, GraphQLDeferDirective, GraphQLStreamDirective],
    sortSchema: false,
  }),
  { description },
);
linkInheritedCosts(schema);
