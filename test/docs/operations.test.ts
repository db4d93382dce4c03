import { getOperationAST, Kind, OperationTypeNode, parse, validate } from 'graphql';
import { describe, expect, test } from 'vitest';
import { schema } from '../../src/graphql/schema.ts';
import { useStage } from '../support/gateway.ts';
import { askWithFile } from '../support/upload.ts';
import { blocksOf, document, documents } from './markdown.ts';

/** Time goes faster there, so that a workflow that waits for its runs ends. */
const stage = useStage({ speed: 600 });

interface Operation {
  readonly place: string;
  readonly query: string;
}

const blocks = documents.flatMap(blocksOf);
const graphql: readonly Operation[] = blocks
  .filter(({ language }) => language === 'graphql')
  .map(({ place, code }) => ({ place, query: code }));

/** Operations that a block for the shell sends: as JSON, in a form, or in the query of an address. */
const sent: readonly Operation[] = blocks
  .filter(({ language }) => language === 'sh')
  .flatMap(({ place, code }) => [
    ...[...code.matchAll(/'(?:operations=)?(\{"query".*?\})'/g)].map(([, json = '']) => ({
      place,
      query: (JSON.parse(json) as { readonly query: string }).query,
    })),
    ...[...code.matchAll(/'query=([^']*)'/g)].map(([, query = '']) => ({ place, query })),
  ]);

/** An operation that can be executed as it stands: no variable has to be given. */
function isComplete({ query }: Operation): boolean {
  const operation = getOperationAST(parse(query));
  return (
    operation?.operation !== OperationTypeNode.SUBSCRIPTION &&
    operation?.variableDefinitions?.some(({ type }) => type.kind === Kind.NON_NULL_TYPE) !== true
  );
}

describe('operations in documents', () => {
  test('are found', () => {
    expect(graphql.length).toBeGreaterThan(8);
    expect(sent.length).toBeGreaterThan(2);
    expect(graphql.filter(isComplete).length).toBeGreaterThan(5);
  });

  test.each([...graphql, ...sent].map((operation) => [operation.place, operation] as const))(
    '%s: valid',
    (_, { query }) => {
      expect(validate(schema, parse(query)).map(({ message }) => message)).toEqual([]);
    },
  );

  test.each([...graphql, ...sent].filter(isComplete).map((operation) => [operation.place, operation] as const))(
    '%s: answered',
    async (_, { query }) => {
      const { data, errors } =
        await stage.ask<Record<string, { readonly userErrors?: readonly object[] } | null>>(query);
      expect(errors).toBeUndefined();
      for (const [field, value] of Object.entries(data)) {
        expect(value, field).not.toBeNull();
        expect(value?.userErrors ?? [], field).toEqual([]);
      }
    },
  );

  test('an upload is taken as it is sent', async () => {
    const forms = blocks.filter(({ language, code }) => language === 'sh' && code.includes("-F 'operations="));
    expect(forms.length).toBeGreaterThan(0);
    for (const { code, place } of forms) {
      const [, operations = ''] = /'operations=(\{.*?\})'/.exec(code) ?? [];
      const [, map = ''] = /'map=(\{.*?\})'/.exec(code) ?? [];
      const { query, variables } = JSON.parse(operations) as { readonly query: string; readonly variables: object };
      const [path = ''] = Object.values(JSON.parse(map) as Record<string, readonly string[]>).flat();
      const file = { fileName: 'mysql.jar', content: Buffer.from('PK') };
      const answer = await askWithFile<Record<string, { readonly userErrors: readonly object[] }>>(
        stage.gateway,
        query,
        { ...variables },
        path,
        file,
      );
      expect(answer.errors, place).toBeUndefined();
      expect(
        Object.values(answer.data).flatMap(({ userErrors }) => userErrors),
        place,
      ).toEqual([]);
    }
  });

  test('README: the answer is the one that it shows', async () => {
    const shown = blocksOf(document('README.md')).find(({ language }) => language === 'json');
    const operation = sent.find(({ place }) => place.startsWith('README.md'));
    expect(await stage.ask(operation?.query ?? '')).toEqual(JSON.parse(shown?.code ?? ''));
  });
});
