import { builder } from '../../builder.ts';
import { closedEnum, ErrorCodeEnum } from '../enums.ts';
import { connectionOf, type NodeRef } from '../page.ts';
import type { MergedConnection, Unavailable } from './mergePages.ts';
import { listSources } from './source.ts';

const ListSourceEnum = closedEnum('ListSource', 'One of the lists that are merged.', listSources);

const UnavailableSource = builder.objectRef<Unavailable>('UnavailableSource').implement({
  description: 'A list that is missing in a merged one, and why. `errors` tells more.',
  fields: (t) => ({
    source: t.expose('source', { type: ListSourceEnum, nullable: false, description: 'Which of the merged lists.' }),
    code: t.field({
      type: ErrorCodeEnum,
      nullable: false,
      description: 'Why it could not be read.',
      resolve: ({ code }) => code,
    }),
  }),
});

/** Makes the Relay types over a merged list, with the sources that are missing. */
export function mergedConnectionOf<Node>(name: string, node: NodeRef<Node>, rows: string) {
  return connectionOf<Node, MergedConnection<Node>>(name, node, rows, (t) => ({
    unavailable: t.field({
      type: [UnavailableSource],
      nullable: { list: false, items: false },
      description: 'Sources that could not be read: their rows are missing, and `totalCount` is null.',
      resolve: ({ unavailable }) => unavailable,
    }),
    changed: t.exposeBoolean('changed', {
      nullable: false,
      description:
        'Whether the row that `after` stands for is gone, so that rows may have been shown twice or left out. Start again without `after` to be sure.',
    }),
  }));
}
