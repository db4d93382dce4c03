import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Directories of tests begin with it. All else among the temporary files of a test file was left there by the product. */
export const directoryPrefix = 'test-';

/** Makes an empty directory, which is deleted when the test file ends. */
export function makeDirectory(name = ''): string {
  return mkdtempSync(join(tmpdir(), `${directoryPrefix}${name}`));
}
