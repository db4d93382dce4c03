/** Lists jobs with Relay, and saves one of them: the list in the store changes with the mutation's payload. */
import {
  commitMutation,
  createOperationDescriptor,
  Environment,
  fetchQuery,
  Network,
  RecordSource,
  Store,
  type FetchFunction,
  type GraphQLResponse,
  type MutationConfig,
  type MutationParameters,
} from 'relay-runtime';
import createMutation, { type mainCreateMutation } from './__generated__/mainCreateMutation.graphql.ts';
import jobsQuery, { type mainJobsQuery } from './__generated__/mainJobsQuery.graphql.ts';
import updateMutation, { type mainUpdateMutation } from './__generated__/mainUpdateMutation.graphql.ts';

// Relay's Babel plugin puts what relay-compiler made of a tag in the tag's place. Without Babel it is imported, above.
const graphql = String.raw;

graphql`
  query mainJobsQuery($leagueId: ID!) {
    league(id: $leagueId) {
      jobs(first: 3, types: [SQL]) {
        edges {
          node {
            id
            name
            description
          }
        }
      }
    }
  }
`;

graphql`
  mutation mainCreateMutation($input: CreateSqlJobInput!) {
    createSqlJob(input: $input) {
      job {
        id
      }
      userErrors {
        code
        message
      }
    }
  }
`;

graphql`
  mutation mainUpdateMutation($input: UpdateSqlJobInput!) {
    updateSqlJob(input: $input) {
      job {
        description
      }
      userErrors {
        code
        message
      }
    }
  }
`;

const url = process.argv[2] ?? 'http://127.0.0.1:4000/graphql';

/** A league of the embedded TICS. */
const leagueId = 'League:a0a4e24363f3db592ab16d076f5096b9';

const send: FetchFunction = async ({ text }, variables) => {
  const response = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', accept: 'application/graphql-response+json' },
    body: JSON.stringify({ query: text, variables }),
  });
  return (await response.json()) as GraphQLResponse;
};

// Ids are unique over all types, as the store requires.
const environment = new Environment({ network: Network.create(send), store: new Store(new RecordSource()) });

function commit<Operation extends MutationParameters>(
  mutation: MutationConfig<Operation>['mutation'],
  variables: Operation['variables'],
): Promise<Operation['response']> {
  return new Promise((resolve, reject) => {
    commitMutation<Operation>(environment, { mutation, variables, onCompleted: resolve, onError: reject });
  });
}

function shown({ league }: mainJobsQuery['response']): string {
  return (league?.jobs?.edges ?? []).map(({ node }) => `${node.name}: ${node.description}`).join(', ');
}

const name = `relay ${Date.now()}`;
const { createSqlJob } = await commit<mainCreateMutation>(createMutation, {
  input: { leagueId, name, description: 'as created' },
});
const id = createSqlJob?.job?.id;
if (id === undefined) throw new Error(JSON.stringify(createSqlJob?.userErrors));

const answer = await fetchQuery<mainJobsQuery>(environment, jobsQuery, { leagueId }).toPromise();
console.log('fetched ', answer && shown(answer));

const { fragment } = createOperationDescriptor(jobsQuery, { leagueId });
environment.subscribe(environment.lookup(fragment), ({ data }) => {
  console.log('in store', shown(data as unknown as mainJobsQuery['response']));
});
await commit<mainUpdateMutation>(updateMutation, { input: { id, description: 'as saved' } });
