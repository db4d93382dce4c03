/** Pages through runs with Apollo Client, and finds one of them again in its cache. */
import { ApolloClient, gql, HttpLink, InMemoryCache } from '@apollo/client';
import { relayStylePagination } from '@apollo/client/utilities';

const uri = process.argv[2] ?? 'http://127.0.0.1:4000/graphql';

/** Counts the requests, to show which answers come from the cache. */
let requests = 0;

const client = new ApolloClient({
  link: new HttpLink({
    uri,
    fetch: (...request) => {
      requests += 1;
      return fetch(...request);
    },
  }),
  cache: new InMemoryCache({
    typePolicies: {
      Query: {
        // An id says its type: `Instance:…`. So an object that was read in any list is found without a request.
        fields: { instance: { read: (_, { args, toReference }) => toReference({ __typename: 'Instance', ...args }) } },
      },
      // Pages of a connection become one list; lists with another filter are other lists.
      League: { fields: { instances: relayStylePagination(['filter']) } },
    },
  }),
});

interface Run {
  readonly id: string;
  readonly jobName: string | null;
  readonly listedStatus: string;
}

interface Runs {
  readonly league: {
    readonly id: string;
    readonly instances: {
      readonly edges: readonly { readonly node: Run }[];
      readonly pageInfo: { readonly hasNextPage: boolean; readonly endCursor: string | null };
    };
  };
}

const query = gql`
  query Runs($after: String) {
    league(id: "League:a0a4e24363f3db592ab16d076f5096b9") {
      id
      instances(first: 5, after: $after) {
        edges {
          node {
            id
            jobName
            listedStatus
          }
        }
        pageInfo {
          hasNextPage
          endCursor
        }
      }
    }
  }
`;

const { data: first } = await client.query<Runs>({ query });
const after = first?.league.instances.pageInfo.endCursor;
// The cache has the list, but not this page of it.
await client.query<Runs>({ query, variables: { after }, fetchPolicy: 'network-only' });

const edges = client.readQuery<Runs>({ query })?.league.instances.edges ?? [];
console.log(`${edges.length} runs after ${requests} requests`);

const again = await client.query<{ readonly instance: Run }>({
  query: gql`
    query Run($id: ID!) {
      instance(id: $id) {
        id
        jobName
        listedStatus
      }
    }
  `,
  variables: { id: edges[0]?.node.id },
});
console.log(`${again.data?.instance.jobName}: ${again.data?.instance.listedStatus}, after ${requests} requests`);
client.stop();
