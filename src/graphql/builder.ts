import SchemaBuilder from '@pothos/core';
import './branchDeadline.ts';
import './calls.ts';
import './countResult.ts';
import './neededRole.ts';
import type { Context } from './context.ts';
import type { UploadedFile } from '../upstream/form.ts';
import type { Decimal, Long } from '../upstream/wire.ts';

/** The types that the builder knows before any domain adds to it. */
export interface BuilderTypes {
  Context: Context;
  /** Any upstream value may be missing: fields are nullable unless they say otherwise. */
  DefaultFieldNullability: true;
  Scalars: {
    ID: { Input: string; Output: string };
    DateTime: { Input: string; Output: string };
    Date: { Input: string; Output: string };
    Long: { Input: Long; Output: Long };
    Decimal: { Input: Decimal; Output: Decimal };
    JSON: { Input: unknown; Output: unknown };
    /** Never answered. */
    Upload: { Input: UploadedFile; Output: never };
  };
}

/** The one builder that all types are added to. */
export const builder = new SchemaBuilder<BuilderTypes>({
  plugins: ['neededRole', 'calls', 'branchDeadline', 'resultBudget'],
});

builder.queryType({ description: 'Everything that can be read.' });

builder.subscriptionType({
  description:
    'Events for changes: over WebSocket (graphql-ws) or server-sent events, alike on both. Each begins with the present state. Objects in an event are read for that event.',
});
