/**
 * @generated SignedSource<<e746b323b14958f9d1e8be2e7df8571b>>
 * @lightSyntaxTransform
 */

/* tslint:disable */
/* eslint-disable */
// @ts-nocheck

import type { ConcreteRequest } from 'relay-runtime';
export type ErrorCode = "ACCOUNT_LOCKED" | "AGENT_CERTIFICATE" | "AGENT_REQUIRED" | "AGENT_UNAVAILABLE" | "BAD_REQUEST" | "FORBIDDEN" | "GRAPHQL_PARSE_FAILED" | "GRAPHQL_VALIDATION_FAILED" | "INTERNAL" | "INVALID_ARGUMENT" | "INVALID_CURSOR" | "INVALID_ID" | "INVALID_INPUT" | "NAME_TAKEN" | "NOT_FOUND" | "NOT_PUBLISHED" | "OUTCOME_UNKNOWN" | "OVERLOADED" | "PARTNER_NOT_VERIFIED" | "QUEUE_FULL" | "RATE_LIMITED" | "RECONNECT" | "SEARCH_LIMIT" | "SIGN_IN_REFUSED" | "SQL_REFUSED" | "STEP_FAILED" | "UNAUTHENTICATED" | "UPSTREAM_FAILED" | "UPSTREAM_INVALID_ANSWER" | "UPSTREAM_PAUSED" | "UPSTREAM_REFUSED" | "UPSTREAM_TIMEOUT" | "UPSTREAM_UNREACHABLE" | "WRONG_STATE" | "%future added value";
export type JobApprovalStatus = "APPROVED" | "APPROVING" | "NEW" | "REJECTED" | "REVOKED" | "UNKNOWN" | "%future added value";
export type UpdateSqlJobInput = {
  agentId?: string | null | undefined;
  approvals?: ReadonlyArray<JobApprovalInput> | null | undefined;
  description?: string | null | undefined;
  executionParameters?: SqlParametersInput | null | undefined;
  id: string;
  name?: string | null | undefined;
  sql?: string | null | undefined;
};
export type JobApprovalInput = {
  comment?: string | null | undefined;
  datasetNames?: ReadonlyArray<string> | null | undefined;
  partnerAlias: string;
  status?: JobApprovalStatus;
};
export type SqlParametersInput = {
  agentTaskConcurrency?: number | null | undefined;
  agentTaskMemory?: string | null | undefined;
  aggregatorCount?: number | null | undefined;
  aggregatorTaskConcurrency?: number | null | undefined;
  aggregatorTaskMemory?: string | null | undefined;
  homomorphicDictionary?: boolean | null | undefined;
  maxResultFileSize?: string | null | undefined;
  pushComplexSqlDown?: boolean | null | undefined;
  saveBatchCount?: number | null | undefined;
  streamCount?: number | null | undefined;
};
export type mainUpdateMutation$variables = {
  input: UpdateSqlJobInput;
};
export type mainUpdateMutation$data = {
  readonly updateSqlJob: {
    readonly job: {
      readonly description: string | null | undefined;
    } | null | undefined;
    readonly userErrors: ReadonlyArray<{
      readonly code: ErrorCode;
      readonly message: string;
    }>;
  } | null | undefined;
};
export type mainUpdateMutation = {
  response: mainUpdateMutation$data;
  variables: mainUpdateMutation$variables;
};

const node: ConcreteRequest = (function(){
var v0 = [
  {
    "defaultValue": null,
    "kind": "LocalArgument",
    "name": "input"
  }
],
v1 = [
  {
    "kind": "Variable",
    "name": "input",
    "variableName": "input"
  }
],
v2 = {
  "alias": null,
  "args": null,
  "kind": "ScalarField",
  "name": "description",
  "storageKey": null
},
v3 = {
  "alias": null,
  "args": null,
  "concreteType": "UserError",
  "kind": "LinkedField",
  "name": "userErrors",
  "plural": true,
  "selections": [
    {
      "alias": null,
      "args": null,
      "kind": "ScalarField",
      "name": "code",
      "storageKey": null
    },
    {
      "alias": null,
      "args": null,
      "kind": "ScalarField",
      "name": "message",
      "storageKey": null
    }
  ],
  "storageKey": null
};
return {
  "fragment": {
    "argumentDefinitions": (v0/*:: as any*/),
    "kind": "Fragment",
    "metadata": null,
    "name": "mainUpdateMutation",
    "selections": [
      {
        "alias": null,
        "args": (v1/*:: as any*/),
        "concreteType": "UpdateSqlJobPayload",
        "kind": "LinkedField",
        "name": "updateSqlJob",
        "plural": false,
        "selections": [
          {
            "alias": null,
            "args": null,
            "concreteType": "SqlJob",
            "kind": "LinkedField",
            "name": "job",
            "plural": false,
            "selections": [
              (v2/*:: as any*/)
            ],
            "storageKey": null
          },
          (v3/*:: as any*/)
        ],
        "storageKey": null
      }
    ],
    "type": "Mutation",
    "abstractKey": null
  },
  "kind": "Request",
  "operation": {
    "argumentDefinitions": (v0/*:: as any*/),
    "kind": "Operation",
    "name": "mainUpdateMutation",
    "selections": [
      {
        "alias": null,
        "args": (v1/*:: as any*/),
        "concreteType": "UpdateSqlJobPayload",
        "kind": "LinkedField",
        "name": "updateSqlJob",
        "plural": false,
        "selections": [
          {
            "alias": null,
            "args": null,
            "concreteType": "SqlJob",
            "kind": "LinkedField",
            "name": "job",
            "plural": false,
            "selections": [
              (v2/*:: as any*/),
              {
                "alias": null,
                "args": null,
                "kind": "ScalarField",
                "name": "id",
                "storageKey": null
              }
            ],
            "storageKey": null
          },
          (v3/*:: as any*/)
        ],
        "storageKey": null
      }
    ]
  },
  "params": {
    "cacheID": "b82ce9f4d043a9c6254490c4181b1ad4",
    "id": null,
    "metadata": {},
    "name": "mainUpdateMutation",
    "operationKind": "mutation",
    "text": "mutation mainUpdateMutation(\n  $input: UpdateSqlJobInput!\n) {\n  updateSqlJob(input: $input) {\n    job {\n      description\n      id\n    }\n    userErrors {\n      code\n      message\n    }\n  }\n}\n"
  }
};
})();

(node as any).hash = "ce3ad0589c81fc9bf3e78415119c5f38";

export default node;
