/** IAM's answer to a sign-in. */
export interface SignIn {
  readonly token: string;
  readonly body: string;
}

/** The file that holds the answer to a GET, below the folder of the static upstream. */
export function fileOf(path: string): string {
  const { pathname, searchParams } = new URL(path, 'http://upstream');
  const [type, offset, limit] = ['type', 'offset', 'limit'].map((name) => searchParams.get(name) ?? '');
  return `${pathname}/${type}.${offset}.${limit}.json`;
}
