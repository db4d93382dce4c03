import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

/** Collects unreferenced objects, as in any busy process. */
export function collectGarbage(): void {
  setFlagsFromString('--expose-gc');
  (runInNewContext('gc') as () => void)();
}
