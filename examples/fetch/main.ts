/** Prints why runs of the first league failed, page by page. */

const url = process.argv[2] ?? 'http://127.0.0.1:4000/graphql';

const query = /* GraphQL */ `
  query FailedRuns($after: String) {
    leagues(first: 1) {
      nodes {
        instances(first: 20, after: $after, filter: { statuses: [FAILED] }) {
          nodes {
            jobName
            endedAt
            error {
              message
            }
          }
          pageInfo {
            hasNextPage
            endCursor
          }
        }
      }
    }
  }
`;

interface FailedRuns {
  readonly leagues: {
    readonly nodes: readonly {
      readonly instances: {
        readonly nodes: readonly {
          readonly jobName: string | null;
          readonly endedAt: string | null;
          readonly error: { readonly message: string | null } | null;
        }[];
        readonly pageInfo: { readonly hasNextPage: boolean; readonly endCursor: string | null };
      } | null;
    }[];
  } | null;
}

interface Answer {
  readonly data: FailedRuns | null;
  /** A field that failed is null in `data`, and has an error here; decide by its code. */
  readonly errors?: readonly { readonly message: string; readonly extensions: { readonly code: string } }[];
}

async function failedRuns(after: string | null): Promise<Answer> {
  const response = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', accept: 'application/graphql-response+json' },
    body: JSON.stringify({ query, variables: { after } }),
  });
  return (await response.json()) as Answer;
}

let after: string | null = null;
do {
  const { data, errors = [] } = await failedRuns(after);
  for (const { message, extensions } of errors) console.error(`${extensions.code}: ${message}`);
  const runs = data?.leagues?.nodes[0]?.instances;
  for (const { jobName, endedAt, error } of runs?.nodes ?? []) console.log(endedAt, jobName, error?.message);
  after = runs?.pageInfo.hasNextPage === true ? runs.pageInfo.endCursor : null;
} while (after !== null);
