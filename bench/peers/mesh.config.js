/**
 * Composes Hive Gateway's schema from the contract of the space plane, with links from a league to its datasets and instances.
 * The environment says which upstream (UPSTREAM), which tenant (PROJECT_ID), and which contract (CONTRACT).
 */
import process from 'node:process';
import { defineConfig } from '@graphql-mesh/compose-cli';
import { loadOpenAPISubgraph } from '@omnigraph/openapi';

const { UPSTREAM: endpoint = '', PROJECT_ID: projectId = '', CONTRACT: source = '' } = process.env;

function listOfLeague(field) {
  return `@resolveTo(
    sourceName: "TICS"
    sourceTypeName: "Query"
    sourceFieldName: "${field}"
    requiredSelectionSet: "{ id }"
    sourceArgs: { project_id: "${projectId}", league_id: "{root.id}", offset: "0", limit: "10" }
  )`;
}

export const composeConfig = defineConfig({
  subgraphs: [
    {
      sourceHandler: loadOpenAPISubgraph('TICS', {
        source,
        endpoint,
        // The static upstream asks for no token.
        operationHeaders: { 'x-auth-token': 'none', 'x-language': 'en_us' },
      }),
    },
  ],
  additionalTypeDefs: `
    extend type LeagueRow {
      datasets: listLeagueDatasets_response ${listOfLeague('listLeagueDatasets')}
      instances: listLeagueInstances_response ${listOfLeague('listLeagueInstances')}
    }
  `,
});
