import { builder } from './builder.ts';
import './shared/scalars.ts';
import './shared/node.ts';
// Each domain may add fields to the types of the domains above it, and imports only those.
import './leagues/type.ts';
import './agents/type.ts';
import './connectors/type.ts';
import './datasets/type.ts';
import './instances/type.ts';
import './jobs/type.ts';
import './notices/type.ts';
import './notices/membership.ts';
import './audit/type.ts';
import './statistics/type.ts';
import './viewer/type.ts';
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

/** The schema that all domains have added to. */
export const schema = builder.toSchema();
