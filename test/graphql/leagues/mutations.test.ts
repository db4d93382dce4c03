import { describe, expect, test } from 'vitest';
import { useStage } from '../../support/gateway.ts';
import { breakPoints, resetCall } from '../../support/faults.ts';

const stage = useStage();

interface Payload {
  readonly updateLeague: {
    readonly league: { readonly settings: { readonly description: string; readonly privacyProtection: string } } | null;
    readonly userErrors: readonly { readonly code: string; readonly field: readonly string[] | null }[];
  };
}

const mutation = `mutation ($input: UpdateLeagueInput!) {
  updateLeague(input: $input) {
    league { id settings { description differentialPrivacy privacyProtection } }
    userErrors { code message field call upstreamCode }
  }
}`;

async function update(input: object): Promise<Payload['updateLeague']> {
  return (await stage.data<Payload>(mutation, { input })).updateLeague;
}

function owned() {
  return stage.sandbox.world.leaguesOfRole('OWNER')[0]?.id ?? '';
}
async function writes() {
  return (await stage.sandbox.client.calls({ operationId: 'updateLeague' })).length;
}

describe('updateLeague', () => {
  test('changes what is given, leaves the rest, and answers with the league as it now is', async () => {
    const change = { description: '为零售伙伴', privacyProtection: 'HIGH' };
    const { differentialPrivacy } = (await update({ id: owned(), description: 'before' })).league
      ?.settings as unknown as {
      differentialPrivacy: boolean;
    };
    expect(await update({ id: `League:${owned()}`, ...change })).toMatchObject({
      league: { id: `League:${owned()}`, settings: { ...change, differentialPrivacy } },
      userErrors: [],
    });
    expect(await writes()).toBe(2);
  });

  test('what was read before in the same operation is read again after it', async () => {
    const answer = await stage.data<{ one: Payload['updateLeague']; other: Payload['updateLeague'] }>(
      `mutation ($one: UpdateLeagueInput!, $other: UpdateLeagueInput!) {
        one: updateLeague(input: $one) { league { settings { description } } }
        other: updateLeague(input: $other) { league { settings { description } } }
      }`,
      { one: { id: owned(), description: 'one' }, other: { id: owned(), description: 'other' } },
    );
    expect([answer.one.league?.settings.description, answer.other.league?.settings.description]).toEqual([
      'one',
      'other',
    ]);
  });

  test('all broken rules are answered at once, and nothing is sent', async () => {
    const { league, userErrors } = await update({
      id: 'Dataset:a/b',
      description: 'x'.repeat(513),
    });
    expect(league).toBeNull();
    expect(userErrors.map(({ code, field }) => ({ code, field }))).toEqual([
      { code: 'INVALID_INPUT', field: ['id'] },
      { code: 'INVALID_INPUT', field: ['description'] },
    ]);
    expect(await stage.sandbox.client.calls()).toEqual([]);
  });

  test.each([{}, { description: null, differentialPrivacy: null, privacyProtection: null }])(
    'nothing to change (%j) is not sent',
    async (change) => {
      const { league, userErrors } = await update({ id: owned(), ...change });
      expect(league).toBeNull();
      expect(userErrors).toMatchObject([
        {
          code: 'INVALID_INPUT',
          message: expect.stringContaining('description, differentialPrivacy, privacyProtection') as string,
          field: [],
          call: null,
        },
      ]);
      expect(await stage.sandbox.client.calls()).toEqual([]);
    },
  );

  test.each([{ description: '' }, { differentialPrivacy: false }])('%j is a change', async (change) => {
    const { league, userErrors } = await update({ id: owned(), ...change });
    expect(userErrors).toEqual([]);
    expect(league?.settings).toMatchObject(change);
    expect(await writes()).toBe(1);
  });

  test("the service's refusal comes back in its own words", async () => {
    const joined = stage.sandbox.world.leaguesOfRole('PARTNER')[0]?.id ?? '';
    const { league, userErrors } = await update({ id: joined, description: 'not mine' });
    expect(league).toBeNull();
    expect(userErrors).toMatchObject([
      { code: 'FORBIDDEN', call: 'updateLeague', upstreamCode: expect.any(String) as string },
    ]);
    expect(await writes()).toBe(1);
  });

  test.each(breakPoints)(
    'a connection that breaks (%s) leaves the outcome unknown, and is not sent again',
    async (at) => {
      await resetCall(stage, 'updateLeague', at);
      const description = `told ${at}`;
      const { league, userErrors } = await update({ id: owned(), description });
      expect(userErrors).toMatchObject([{ code: 'OUTCOME_UNKNOWN', call: 'updateLeague' }]);
      expect(await writes()).toBe(1);
      // Half an answer was sent after the change was made, and a read finds that out.
      expect(league?.settings.description ?? null).toBe(at === 'midAnswer' ? description : null);
    },
  );
});
