/** An operation that GraphiQL shows in a tab. */
export interface ExampleOperation {
  readonly query: string;
  readonly variables?: Readonly<Record<string, unknown>>;
}

/** A league of the embedded TICS that asks for no approvals. */
const league = 'League:a0a4e24363f3db592ab16d076f5096b9';

/**
 * Operations to try, with ids of the embedded TICS. Comments have at most 48 columns: what the editor shows in a window of
 * 1,280 pixels. A test executes each.
 */
export const exampleOperations: readonly ExampleOperation[] = [
  {
    query: `# Ctrl+Enter runs this.
# The other tabs hold more examples.
# The book on the left is the schema.
#
# Both planes in one query: leagues come from
# the cloud, the rest from their agents.
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
    query: `# Any list is paged with first and after:
# put endCursor into "after" below to go on.
# Jobs are four lists of both planes in one,
# newest first.
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
    query: `# What a run is doing: nodes hold stages,
# stages hold tasks, and edges say which
# stage waits for which.
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
    query: `# Why runs failed, in the service's words.
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
    query: `# Follows all runs of a league. Start it, then
# run RunSqlJob in another tab of the browser:
# its run appears, and is followed to its end.
# Put your own league in place of this one.
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
    query: `# Follows one run: its rounds, their tasks, and
# what was measured. This training, of half a
# day, begins with the embedded TICS.
# The id of any run can stand in its place.
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
    query: `# Makes a job and runs it at once.
# Without a name it is given one.
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
        sql: 'SELECT product, AVG(balance) AS balance FROM tics_demo.loan_records_9 GROUP BY product',
      },
    },
  },
];
