import { GraphQLError } from 'graphql';
import { expect, test } from 'vitest';
import { createLog } from '../../src/telemetry/log.ts';
import { maskError } from '../../src/gateway/maskErrors.ts';
import { useStage } from '../support/gateway.ts';
import { overWebSocket, serve } from '../support/subscribe.ts';

const stage = useStage();

test.each([
  'Variable "$v" got invalid value "PLANTED77"',
  'Variable "$v" got invalid value { a: "PLANTED77; b" }; Expected type "Int".',
  'Int cannot represent non-integer value: "PLANTED77"',
])('no form of graphql-js’s errors repeats a value: %s', (message) => {
  expect(maskError(new GraphQLError(message), createLog('fatal')).message).not.toContain('77');
});

test('an HTTP status is no part of an answer over WebSocket', async () => {
  const server = await serve(stage.sandbox);
  const client = overWebSocket(server.url);
  const answer = await client
    .ask({ query: 'query ($v: Int!) { leagues(first: $v) { totalCount } }', variables: { v: 'x' } })
    .next();
  expect(answer).toMatchObject({ errors: [{ extensions: { code: 'BAD_REQUEST' } }] });
  expect(JSON.stringify(answer)).not.toContain('http');
  client.close();
  await server.close();
});
