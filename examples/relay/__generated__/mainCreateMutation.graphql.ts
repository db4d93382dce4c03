/**
 * @generated SignedSource<<27a6b024fbb532ee0b7c239f7fd5769a>>
 * @lightSyntaxTransform
 */

/* tslint:disable */
/* eslint-disable */
// @ts-nocheck

import type { ConcreteRequest } from 'relay-runtime';
export type ErrorCode = "ACCOUNT_LOCKED" | "AGENT_CERTIFICATE" | "AGENT_REQUIRED" | "AGENT_UNAVAILABLE" | "BAD_REQUEST" | "FORBIDDEN" | "GRAPHQL_PARSE_FAILED" | "GRAPHQL_VALIDATION_FAILED" | "INTERNAL" | "INVALID_ARGUMENT" | "INVALID_CURSOR" | "INVALID_ID" | "INVALID_INPUT" | "NAME_TAKEN" | "NOT_FOUND" | "NOT_PUBLISHED" | "OUTCOME_UNKNOWN" | "OVERLOADED" | "PARTNER_NOT_VERIFIED" | "QUEUE_FULL" | "RATE_LIMITED" | "RECONNECT" | "SEARCH_LIMIT" | "SIGN_IN_REFUSED" | "SQL_REFUSED" | "STEP_FAILED" | "UNAUTHENTICATED" | "UPSTREAM_FAILED" | "UPSTREAM_INVALID_ANSWER" | "UPSTREAM_PAUSED" | "UPSTREAM_REFUSED" | "UPSTREAM_TIMEOUT" | "UPSTREAM_UNREACHABLE" | "WRONG_STATE" | "%future added value";
export type CreateSqlJobInput = {
  agentId?: string | null | undefined;
  description?: string | null | undefined;
  leagueId: string;
  name: string;
};
export type mainCreateMutation$variables = {
  input: CreateSqlJobInput;
};
export type mainCreateMutation$data = {
  readonly createSqlJob: {
    readonly job: {
      readonly id: string;
    } | null | undefined;
    readonly userErrors: ReadonlyArray<{
      readonly code: ErrorCode;
      readonly message: string;
    }>;
  } | null | undefined;
};
export type mainCreateMutation = {
  response: mainCreateMutation$data;
  variables: mainCreateMutation$variables;
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
    "alias": null,
    "args": [
      {
        "kind": "Variable",
        "name": "input",
        "variableName": "input"
      }
    ],
    "concreteType": "CreateSqlJobPayload",
    "kind": "LinkedField",
    "name": "createSqlJob",
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
      {
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
      }
    ],
    "storageKey": null
  }
];
return {
  "fragment": {
    "argumentDefinitions": (v0/*:: as any*/),
    "kind": "Fragment",
    "metadata": null,
    "name": "mainCreateMutation",
    "selections": (v1/*:: as any*/),
    "type": "Mutation",
    "abstractKey": null
  },
  "kind": "Request",
  "operation": {
    "argumentDefinitions": (v0/*:: as any*/),
    "kind": "Operation",
    "name": "mainCreateMutation",
    "selections": (v1/*:: as any*/)
  },
  "params": {
    "cacheID": "03bc58ce9a565d22b8dc3a3c1ebc80ca",
    "id": null,
    "metadata": {},
    "name": "mainCreateMutation",
    "operationKind": "mutation",
    "text": "mutation mainCreateMutation(\n  $input: CreateSqlJobInput!\n) {\n  createSqlJob(input: $input) {\n    job {\n      id\n    }\n    userErrors {\n      code\n      message\n    }\n  }\n}\n"
  }
};
})();

(node as any).hash = "707f5e58fa2fb263d9953baa87ea0ca4";

export default node;
