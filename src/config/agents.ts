import { X509Certificate } from 'node:crypto';
import * as z from 'zod';
import { readPem } from './pem.ts';
import { text, ticsId, upstreamUrl } from './values.ts';

/** In place of a certificate: pins the certificate of the first connection. */
export const trustOnFirstUse = 'trust-on-first-use';

const pem = 'a certificate (PEM, or the path of a PEM file)';

function certificateFrom(directory: string) {
  return text(`${pem}, or ${trustOnFirstUse}`).transform((value, context) => {
    if (value === trustOnFirstUse) return value;
    try {
      return new X509Certificate(readPem(directory, value).pem).toString();
    } catch {
      context.addIssue('a readable X.509 certificate (PEM, or the path of a PEM file)');
      return z.NEVER;
    }
  });
}

/** Section `tics.agents`. */
export function agents(directory: string) {
  const agent = z.strictObject(
    {
      id: ticsId('the agent id').describe('Raw id of the agent.'),
      url: upstreamUrl.optional().describe('Its address. Default: the one that the space plane lists.'),
      user: text('the agent account').describe('Account of the agent.'),
      password: text('its password').describe('Password of that account.'),
      certificate: certificateFrom(directory)
        .optional()
        .describe(
          `PEM, or the path of a PEM file: the gateway accepts this certificate only. \`${trustOnFirstUse}\`: the one that the agent shows first, which is kept in \`dataDirectory\`. Default: what a known authority issued.`,
        ),
    },
    'a map of id, user and password',
  );
  return z.array(agent, 'a list of agents').superRefine(
    (list, context) => {
      const ids = list.map((one) => (one as Partial<typeof one> | null)?.id);
      ids.forEach((id, index) => {
        if (typeof id === 'string' && ids.indexOf(id) < index)
          context.addIssue({ code: 'custom', path: [index, 'id'], message: 'another id than those before it' });
      });
    },
    { when: ({ value }) => Array.isArray(value) },
  );
}

/** One agent whose account the gateway has. */
export type AgentConfig = z.output<ReturnType<typeof agents>>[number];
