/** An operation that GraphiQL opens with. */
export interface ExampleOperation {
  readonly query: string;
  readonly variables?: Readonly<Record<string, unknown>>;
}

/** A league of the embedded TICS that asks for no approvals. */
const league = 'League:a0a4e24363f3db592ab16d076f5096b9';

/** What a newcomer can run at once: ids are those of the embedded TICS. Each is executed by a test. */
export const exampleOperations: readonly ExampleOperation[] = [
  {
    query: `# Ctrl+Enter runs this. More examples are in the other tabs; the book on the left is the schema.
# Both planes in one query: leagues and their agents come from the cloud, what an agent
# says of itself comes from the agent.
query BothPlanes {
  leagues(first: 3) {
    totalCount
    nodes {
      id
      name
      status
      role
      settings {
        privacyProtection
        approvalRequired
      }
      agents {
        nodes {
          id
          name
          deployStatus
          deployment {
            consoleIp
            consolePort
          }
        }
      }
      instances(first: 3) {
        nodes {
          jobName
          type
          listedStatus
          durationMs
        }
      }
    }
  }
  viewer {
    spacePlane {
      reachable
    }
    agents {
      agentId
      reachable
      code
    }
  }
}
`,
  },
  {
    query: `# Any list is paged with first and after: put pageInfo.endCursor into "after" below to go on.
# Jobs are four lists of both planes merged into one, newest first.
query Paging($first: Int!, $after: String) {
  leagues(first: 1) {
    nodes {
      name
      jobs(first: $first, after: $after) {
        totalCount
        unavailable {
          source
          code
        }
        pageInfo {
          hasNextPage
          endCursor
        }
        nodes {
          id
          name
          type
          createdAt
        }
      }
    }
  }
}
`,
    variables: { first: 10, after: null },
  },
  {
    query: `# What a run is doing: nodes hold stages, stages hold tasks, edges say what waits for what.
query ExecutionGraph {
  leagues(first: 1) {
    nodes {
      instances(first: 2) {
        nodes {
          id
          jobName
          type
          listedStatus
          executionGraph {
            nodes {
              name
              partnerAlias
              stages {
                stageTicsId
                name
                tasks {
                  name
                  status
                  durationMs
                }
              }
            }
            stageEdges {
              from
              to
            }
          }
        }
      }
    }
  }
}
`,
  },
  {
    query: `# Why runs failed, in the service's own words.
query WhyItFailed {
  leagues(first: 1) {
    nodes {
      instances(first: 5, filter: { statuses: [FAILED] }) {
        nodes {
          id
          jobName
          endedAt
          error {
            message
          }
        }
      }
    }
  }
}
`,
  },
  {
    query: `# Runs in a league, told as they go. Start this, then run RunSqlJob from another tab of the browser:
# the new run appears and is told to its end. The league is one of the embedded TICS: put your own in its place.
subscription Watch($leagueId: ID!) {
  leagueInstances(leagueId: $leagueId) {
    previousStatus
    status
    final
    cursor
    instance {
      id
      jobName
      startedAt
      durationMs
    }
    error {
      message
    }
  }
}
`,
    variables: { leagueId: league },
  },
  {
    query: `# How far a run has got: its rounds, the tasks of each, what was measured. The embedded TICS starts this one,
# a horizontal training of five rounds, when it starts itself: it takes eleven minutes.
subscription WatchProgress($id: ID!) {
  instanceStatus(id: $id) {
    status
    observedAt
    progress {
      round
      roundCount
      endedTaskCount
      taskCount
      tasks {
        status
        count
      }
      metrics {
        round
        auc
        accuracy
      }
    }
    result {
      path
      storageAgentNames
    }
    error {
      message
    }
  }
}
`,
    variables: { id: 'Instance:49ec9cea94149b17cf1e750b6b328c82/ad07c0a692fa4fb2b9193ce2125d27b0' },
  },
  {
    query: `# Makes a job and runs it at once. A name is taken only once: change it to run this again.
mutation RunSqlJob($input: RunSqlJobInput!) {
  runSqlJob(input: $input) {
    job {
      id
      allowedActions
    }
    instance {
      id
      currentStatus
    }
    waitsForApproval
    failedStep
    userErrors {
      code
      message
    }
  }
}
`,
    variables: {
      input: {
        leagueId: league,
        name: 'balances by product',
        sql: 'SELECT product, AVG(balance) AS balance FROM tics_demo.loan_records_9 GROUP BY product',
      },
    },
  },
];
