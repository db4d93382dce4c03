import type { LimitsConfig } from '../config/config.ts';
import { maskValidation } from './maskErrors.ts';
import type { Queue } from './executionQueue.ts';
import { useAdmission } from './plugins/useAdmission.ts';
import type { DocumentStore } from './documentStore.ts';
import { useDocumentStore } from './plugins/useDocumentStore.ts';
import { useDocumentLimits, type DocumentLimits } from './plugins/useDocumentLimits.ts';
import { useLocations } from './plugins/useLocations.ts';
import { useNestingLimit } from './plugins/useNestingLimit.ts';
import { useParams } from './plugins/useParams.ts';
import { useRequestBody, type BodyContext } from './plugins/useRequestBody.ts';
import { useReportedErrors } from './plugins/useReportedErrors.ts';
import { useResultLimit } from './plugins/useResultLimit.ts';
import { useTimeLimit } from './plugins/useTimeLimit.ts';
import type { GatewayPlugin } from './plugin.ts';
import type { RunningOperations } from './runningOperations.ts';

function isLimited(limits: Partial<LimitsConfig>): limits is DocumentLimits & Partial<LimitsConfig> {
  return limits.depth !== undefined;
}

/**
 * The guards of operations, in order. WebSocket operations run through the same hooks, except the guards of HTTP bodies.
 * The server authenticates before.
 */
export function guards(
  timeoutMs: number,
  running: RunningOperations,
  documents: DocumentStore,
  queue: Queue,
  limits: Partial<LimitsConfig> = {},
): readonly GatewayPlugin<BodyContext>[] {
  return [
    useRequestBody,
    useParams,
    useDocumentStore(documents),
    useNestingLimit,
    useLocations,
    ...(isLimited(limits) ? [useDocumentLimits(limits)] : []),
    maskValidation,
    useTimeLimit(timeoutMs, running),
    useAdmission(queue),
    // Before the limit, which counts their bytes.
    useReportedErrors,
    useResultLimit,
  ];
}
