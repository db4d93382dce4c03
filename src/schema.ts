import { builder } from './builder.ts';
import './graph/scalars.ts';
import './graph/node.ts';
// Each domain may add fields to the types of the domains above it, and imports only those.
import './domains/leagues/type.ts';
import './domains/agents/type.ts';
import './domains/connectors/type.ts';
import './domains/datasets/type.ts';
import './domains/instances/type.ts';
import './domains/jobs/type.ts';
import './domains/notices/type.ts';
import './domains/notices/membership.ts';
import './domains/audit/type.ts';
import './domains/statistics/type.ts';
import './domains/viewer/type.ts';
import './domains/leagues/mutations.ts';
import './domains/instances/actions.ts';
import './domains/jobs/actions.ts';
import './domains/notices/actions.ts';
import './domains/instances/mutations.ts';
import './domains/jobs/sqlMutations.ts';
import './domains/jobs/runSqlJob.ts';
import './domains/jobs/deletion.ts';
import './domains/jobs/learningMutations.ts';
import './domains/jobs/learningRunMutations.ts';
import './domains/jobs/runVerticalPipeline.ts';
import './domains/connectors/mutations.ts';
import './domains/notices/mutations.ts';
import './domains/datasets/mutations.ts';
import './domains/agents/subscription.ts';
import './domains/instances/subscription.ts';

/** The schema that all domains have added to. */
export const schema = builder.toSchema();
