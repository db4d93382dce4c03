/** GraphQL Yoga; with `--jit` operations are compiled by graphql-jit. usage: yoga.js PORT UPSTREAM PROJECT_ID [--jit] */
import { createServer } from 'node:http';
import process from 'node:process';
import { execute } from 'graphql';
import { compileQuery, isCompiledQuery } from 'graphql-jit';
import { createSchema, createYoga } from 'graphql-yoga';
import { createResolvers, typeDefs } from './schema.js';

const [port, upstream, projectId, jit] = process.argv.slice(2);
const schema = createSchema({ typeDefs, resolvers: await createResolvers(upstream, projectId) });

/** Yoga keeps parsed documents, so each is compiled once. */
const compiled = new WeakMap();

function executeCompiled(args) {
  let query = compiled.get(args.document);
  if (query === undefined) {
    query = compileQuery(schema, args.document, args.operationName);
    compiled.set(args.document, query);
  }
  return isCompiledQuery(query) ? query.query(args.rootValue, args.contextValue, args.variableValues) : execute(args);
}

const useJit = { onExecute: ({ setExecuteFn }) => setExecuteFn(executeCompiled) };

const yoga = createYoga({ schema, graphiql: false, logging: false, plugins: jit === '--jit' ? [useJit] : [] });
createServer(yoga).listen(Number(port), '127.0.0.1');
