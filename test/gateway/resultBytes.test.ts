import fc from 'fast-check';
import { afterEach, describe, expect, test } from 'vitest';
import { jsonBytes } from '../../src/gateway/resultBytes.ts';
import { defaultResultLimits, ResultBudget } from '../../src/graphql/resultBudget.ts';
import { startServer, type GatewayServer } from '../../src/server/server.ts';
import { configFor, gatewayFor, useStage } from '../support/gateway.ts';

const stage = useStage();
let server: GatewayServer | undefined;

afterEach(async () => {
  await server?.close();
  server = undefined;
});

/** Objects without a prototype, as graphql-js makes them; the scalar of JSON has others. */
const { data } = fc.letrec<{ data: unknown }>((tie) => ({
  data: fc.oneof(
    { maxDepth: 5, depthSize: 'small' },
    fc.oneof(fc.string({ unit: 'binary', maxLength: 2_000 }), fc.constant('信用评分 "\\\ud800 '.repeat(300))),
    fc.oneof(fc.double(), fc.boolean(), fc.constant(null), fc.constant(new Date(0)), fc.jsonValue()),
    fc.array(tie('data'), { maxLength: 30 }),
    fc.dictionary(fc.string({ unit: 'binary', maxLength: 20 }), tie('data'), { maxKeys: 8, noNullPrototype: false }),
  ),
}));

function written(result: { readonly data: unknown; readonly extensions?: object }): string {
  const budget = new ResultBudget({ ...defaultResultLimits, bytes: Infinity });
  budget.takeData(result.data);
  return jsonBytes(result as never, budget.largeParts).toString();
}

describe('a result is written', () => {
  test('as JSON.stringify writes it, whatever is in it', () => {
    fc.assert(
      fc.property(data, (value) => {
        const result = { data: Object.assign(Object.create(null) as object, { value }), extensions: { cost: 1 } };
        expect(written(result)).toBe(JSON.stringify(result));
      }),
      { numRuns: 100 },
    );
  });

  test('in pieces of lists and of objects when it is large', () => {
    const name = '数据集'.repeat(20);
    const row = (index: number) => Object.assign(Object.create(null) as object, { index, name, none: undefined });
    const rows = Array.from({ length: 20_000 }, (_, index) => row(index));
    for (const value of [
      rows,
      [rows, [], rows],
      Object.assign(Object.create(null) as object, { rows, name, empty: {} }),
    ])
      expect(written({ data: value })).toBe(JSON.stringify({ data: value }));
  });

  test('with its length in bytes, by every way to share it', async () => {
    const names = Array.from({ length: 100 }, (_, index) => `name${index}: name`).join(' ');
    const query = `{ leagues { nodes { ${names} datasets(first: 100) { nodes { ${names} } } } } }`;
    const cache = { freshMs: 60_000, staleMs: 0, staleIfErrorMs: 0 };
    const gateway = gatewayFor(configFor(stage.sandbox), { resilience: {} }, { cache });
    server = await startServer(gateway, { host: '127.0.0.1', port: 0 });
    const ask = async (): Promise<readonly [string, string | null]> => {
      const response = await fetch(`${server?.url}/graphql`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', 'accept-encoding': 'identity' },
        body: JSON.stringify({ query }),
      });
      return [await response.text(), response.headers.get('content-length')];
    };
    const answers = [...(await Promise.all([ask(), ask()])), await ask()];
    for (const [text, length] of answers) {
      expect(JSON.stringify(JSON.parse(text))).toBe(text);
      expect(Buffer.byteLength(text)).toBe(Number(length));
      expect(Buffer.byteLength(text)).toBeGreaterThan(100_000);
    }
  });
});
