/** Pages through jobs with urql and its normalised cache, Graphcache, and saves one of them. */
import { Client, fetchExchange, gql } from '@urql/core';
import { cacheExchange } from '@urql/exchange-graphcache';
import { relayPagination } from '@urql/exchange-graphcache/extras';

const url = process.argv[2] ?? 'http://127.0.0.1:4000/graphql';

/** A league of the embedded TICS. */
const leagueId = 'League:a0a4e24363f3db592ab16d076f5096b9';

/** Counts the requests, to show which answers come from the cache. */
let requests = 0;

const client = new Client({
  url,
  exchanges: [cacheExchange({ resolvers: { League: { jobs: relayPagination() } } }), fetchExchange],
  preferGetMethod: false,
  fetch: (...request) => {
    requests += 1;
    return fetch(...request);
  },
});

const jobs = gql<
  {
    readonly league: {
      readonly jobs: {
        readonly edges: readonly { readonly node: { readonly name: string; readonly description: string | null } }[];
        readonly pageInfo: { readonly endCursor: string | null };
      };
    };
  },
  { readonly leagueId: string; readonly after?: string | null }
>`
  query Jobs($leagueId: ID!, $after: String) {
    league(id: $leagueId) {
      id
      jobs(first: 3, after: $after, types: [SQL]) {
        edges {
          node {
            id
            name
            description
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

interface Saved {
  readonly job: { readonly id: string } | null;
  readonly userErrors: readonly { readonly code: string; readonly message: string }[];
}

const create = gql<{ readonly createSqlJob: Saved }, { readonly input: object }>`
  mutation Create($input: CreateSqlJobInput!) {
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

const update = gql<{ readonly updateSqlJob: Saved }, { readonly input: object }>`
  mutation Update($input: UpdateSqlJobInput!) {
    updateSqlJob(input: $input) {
      job {
        id
        description
      }
      userErrors {
        code
        message
      }
    }
  }
`;

async function list(after?: string | null) {
  const { data, error } = await client.query(jobs, { leagueId, ...(after && { after }) });
  if (data === undefined) throw error ?? new Error('no answer');
  return data.league.jobs;
}

const created = await client.mutation(create, {
  input: { leagueId, name: `urql ${Date.now()}`, description: 'as created' },
});
const id = created.data?.createSqlJob.job?.id;
if (id === undefined) throw new Error(JSON.stringify(created.error ?? created.data?.createSqlJob.userErrors));

const first = await list();
await list(first.pageInfo.endCursor);
console.log(`${(await list()).edges.length} jobs, after ${requests} requests`);

await client.mutation(update, { input: { id, description: 'as saved' } });
const [newest] = (await list()).edges;
console.log(`${newest?.node.name}: ${newest?.node.description}, after ${requests} requests`);
