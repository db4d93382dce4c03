/** Mercurius on Fastify, operations compiled by graphql-jit. usage: mercurius.js PORT UPSTREAM PROJECT_ID */
import process from 'node:process';
import Fastify from 'fastify';
import mercurius from 'mercurius';
import { createResolvers, typeDefs } from './schema.js';

const [port, upstream, projectId] = process.argv.slice(2);
const app = Fastify();
await app.register(mercurius, {
  schema: typeDefs,
  resolvers: await createResolvers(upstream, projectId),
  jit: 1,
});
await app.listen({ port: Number(port), host: '127.0.0.1' });
