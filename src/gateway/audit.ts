import { appendFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  getOperationAST,
  Kind,
  OperationTypeNode,
  type DocumentNode,
  type FragmentDefinitionNode,
  type SelectionSetNode,
} from 'graphql';
import type { Caller } from '../callers/caller.ts';
import { openDataDirectory } from '../config/config.ts';
import { messageOf, type ErrorCode } from '../errors.ts';
import type { FinishedMutation } from '../graphql/context.ts';
import type { Logger } from '../telemetry/log.ts';
import type { auditFields, LogLine } from '../telemetry/logFields.ts';
import { codeOf } from './maskErrors.ts';

type AuditLine = LogLine<typeof auditFields>;

/** The caller and its request. */
export interface AuditedRequest {
  readonly caller: Caller;
  readonly requestId: string;
}

/** Audits every mutation: a line in the log, and one in an append-only file. */
export interface Audit {
  /** A mutation has ended, successfully or not. */
  readonly end: (request: AuditedRequest, mutation: FinishedMutation) => void;
  /** An operation was refused with a code. Records its mutations. */
  readonly refused: (
    request: AuditedRequest,
    document: DocumentNode | undefined,
    operationName: string | null | undefined,
    code: ErrorCode,
  ) => void;
  /** Runs a check. If it throws, the mutations of the operation are recorded as refused. */
  readonly refusing: <Admitted>(
    request: AuditedRequest,
    document: DocumentNode | undefined,
    operationName: string | null | undefined,
    admit: () => Admitted,
  ) => Admitted;
}

const idKey = /^ids?$|Ids?$/;
/** Text of another form is no id, and may be a secret. */
const idForm = /^[\w:/.-]{1,200}$/;
const maxIds = 100;
/** Callers may write any name into a document that is refused. */
const maxNameLength = 100;

/** The values of all keys of ids, at any depth. */
function idsIn(value: unknown, isId = false): readonly string[] {
  if (typeof value === 'string') return isId && idForm.test(value) ? [value] : [];
  if (Array.isArray(value)) return value.flatMap((one) => idsIn(one, isId));
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, held]) => idsIn(held, idKey.test(key)));
}

function listOf(ids: readonly string[]): readonly string[] {
  return [...new Set(ids)].slice(0, maxIds);
}

function outcomeOf(codes: readonly ErrorCode[], hasFailed: boolean): AuditLine['outcome'] {
  if (hasFailed) return 'FAILED';
  if (codes.length === 0) return 'DONE';
  return codes.includes('OUTCOME_UNKNOWN') ? 'UNKNOWN' : 'REFUSED';
}

/** Fields of a selection and its fragments. Each fragment counts once: refused documents may have cycles. */
function fieldsIn({ selections }: SelectionSetNode, fragments: Map<string, FragmentDefinitionNode>): readonly string[] {
  return selections.flatMap((node) => {
    if (node.kind === Kind.FIELD) return [node.name.value.slice(0, maxNameLength)];
    if (node.kind === Kind.INLINE_FRAGMENT) return fieldsIn(node.selectionSet, fragments);
    const fragment = fragments.get(node.name.value);
    fragments.delete(node.name.value);
    return fragment === undefined ? [] : fieldsIn(fragment.selectionSet, fragments);
  });
}

/** Names of refused mutations, without duplicates: a document may have thousands. */
function mutationsOf(document: DocumentNode, operationName: string | null | undefined): readonly string[] {
  const operation = getOperationAST(document, operationName);
  if (operation?.operation !== OperationTypeNode.MUTATION) return [];
  const fragments = document.definitions.filter((node) => node.kind === Kind.FRAGMENT_DEFINITION);
  return listOf(fieldsIn(operation.selectionSet, new Map(fragments.map((node) => [node.name.value, node]))));
}

/**
 * @param directory - of the file; undefined: there is none
 * @throws Error when the file can't be written
 */
export function createAudit(log: Logger, directory: string | undefined): Audit {
  const path = directory && join(openDataDirectory(directory), 'audit.ndjson');
  const append = (text: string): void => {
    // Opened for each line, so that log rotation can move the file.
    if (path) appendFileSync(path, text, { mode: 0o600 });
  };
  append('');

  const write = (line: AuditLine): void => {
    log.info(line, 'audit');
    try {
      append(`${JSON.stringify({ time: new Date().toISOString(), ...line })}\n`);
    } catch (error) {
      log.error({ requestId: line.requestId, reason: messageOf(error) }, 'the audit file could not be written');
    }
  };

  const whoOf = ({ requestId, caller: { name, id, roles } }: AuditedRequest) => ({
    requestId,
    caller: name,
    callerId: id ?? null,
    roles,
  });

  const refused: Audit['refused'] = (request, document, operationName, code) => {
    for (const mutation of document === undefined ? [] : mutationsOf(document, operationName))
      write({
        ...whoOf(request),
        mutation,
        objects: [],
        made: [],
        outcome: 'REFUSED',
        errorCodes: [code],
        calls: [],
        upstreamRequestIds: [],
      });
  };

  return {
    refused,
    end: (request, { name, input, outcome, sent }) => {
      const { userErrors = [], ...found } = outcome ?? {};
      const codes = [...new Set(userErrors.map(({ code }) => code))];
      write({
        ...whoOf(request),
        mutation: name,
        objects: listOf(idsIn(input)),
        made: listOf(idsIn(found)),
        outcome: outcomeOf(codes, outcome === undefined),
        errorCodes: codes,
        calls: [...new Set(sent.map(({ call }) => call))],
        upstreamRequestIds: sent.flatMap(({ upstreamRequestId }) => upstreamRequestId ?? []),
      });
    },
    refusing: (request, document, operationName, admit) => {
      const refuse = (error: unknown): never => {
        refused(request, document, operationName, codeOf(error));
        throw error;
      };
      try {
        const admitted = admit();
        return admitted instanceof Promise ? (admitted.catch(refuse) as typeof admitted) : admitted;
      } catch (error) {
        return refuse(error);
      }
    },
  };
}
