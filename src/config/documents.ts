import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import * as z from 'zod';
import { text } from './values.ts';

/** Section `documents`: trusted documents and automatic persisted queries. */
export function documents(directory: string) {
  return z
    .strictObject(
      {
        trusted: text('a file or folder')
          .transform((path) => resolve(directory, path))
          .refine(existsSync, 'a file or folder that exists')
          .optional()
          .describe(
            'Trusted documents: a JSON file of texts by hash, as the codegen client preset writes `persisted-documents.json`, or a folder of such files and of `.graphql` files.',
          ),
        onlyTrusted: z.enum(['on', 'off'], 'on or off').default('off').describe('`on`: nothing else is run.'),
        automatic: z
          .enum(['on', 'off'], 'on or off')
          .default('on')
          .describe('`on`: clients may send a document once, and its SHA-256 from then on, as Apollo’s do.'),
      },
      'a map of keys',
    )
    .refine(({ trusted, onlyTrusted }) => onlyTrusted === 'off' || trusted !== undefined, {
      path: ['trusted'],
      error: 'a file or folder, since onlyTrusted is on',
    });
}

export type DocumentsConfig = Readonly<z.output<ReturnType<typeof documents>>>;
