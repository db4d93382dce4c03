/** Apollo Server. usage: apollo.js PORT UPSTREAM PROJECT_ID */
import process from 'node:process';
import { ApolloServer } from '@apollo/server';
import { startStandaloneServer } from '@apollo/server/standalone';
import { createResolvers, typeDefs } from './schema.js';

const [port, upstream, projectId] = process.argv.slice(2);
const server = new ApolloServer({ typeDefs, resolvers: await createResolvers(upstream, projectId) });
await startStandaloneServer(server, {
  listen: { port: Number(port), host: '127.0.0.1' },
  context: () => Promise.resolve({}),
});
