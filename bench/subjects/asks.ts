import type { Ask } from '../kit/queries.ts';

/** Where subjects without GraphQL are asked. */
export function pathOf(ask: Ask): string {
  switch (ask.kind) {
    case 'list':
      return '/list';
    case 'overview':
      return `/overview/${ask.leagues}`;
    case 'rows':
      return `/rows/${ask.rows}`;
  }
}

/** What is asked for there. @throws RangeError for a path that is none of them */
export function askAt(path: string): Ask {
  const [kind, size] = path.slice(1).split('/');
  switch (kind) {
    case 'list':
      return { kind };
    case 'overview':
      return { kind, leagues: Number(size) };
    case 'rows':
      return { kind, rows: Number(size) };
    default:
      throw new RangeError(`nothing is asked for at ${path}`);
  }
}
