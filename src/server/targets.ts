import type { IncomingMessage } from 'node:http';

/** A target in absolute form (RFC 9112, 3.2.2), as clients send it to proxies; its host is the one that counts. */
export function toOriginForm(request: IncomingMessage): void {
  if (!/^https?:\/\//i.test(request.url ?? '') || !URL.canParse(request.url ?? '')) return;
  const { host, pathname, search } = new URL(request.url ?? '');
  request.url = `${pathname}${search}`;
  request.headers.host = host;
}

/** The path of a target, without its query. */
export function pathOf({ url = '/' }: IncomingMessage): string {
  return url.split('?', 1)[0] ?? '/';
}
