import { chmodSync, mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, vi } from 'vitest';
import { directoryPrefix } from './directory.ts';

// vitest runs this module before each test file. The file and the processes that it starts have a directory of their own for
// temporary files, which is deleted when the file ends. The file fails if the product left something there.

const sharedPath = process.env['TMPDIR'];
/** Where tsx caches compiled modules. All test files share it. */
const tsxCache = `tsx-${process.geteuid?.() ?? ''}`;
/** Caches of tools: jiti's, which odata2ts loads its configuration with, and that of npm from Node 22 on. */
const caches = [tsxCache, 'node-jiti', 'node-compile-cache'];
let directory: string;

function leftovers(): readonly string[] {
  return readdirSync(directory).filter((name) => !caches.includes(name) && !name.startsWith(directoryPrefix));
}

beforeAll(() => {
  const sharedCache = join(tmpdir(), tsxCache);
  directory = mkdtempSync(join(tmpdir(), 'gateway-tests-'));
  // Servers that refuse to run as root enter it as somebody else.
  chmodSync(directory, 0o711);
  mkdirSync(sharedCache, { recursive: true });
  symlinkSync(sharedCache, join(directory, tsxCache));
  process.env['TMPDIR'] = directory;
});

afterAll(async () => {
  try {
    await vi.waitFor(
      () => {
        const names = leftovers().join(', ');
        if (names !== '') throw new Error(`Left among temporary files: ${names}. Delete them when their owner ends.`);
      },
      { timeout: 10_000 },
    );
  } finally {
    if (sharedPath === undefined) delete process.env['TMPDIR'];
    else process.env['TMPDIR'] = sharedPath;
    rmSync(directory, { recursive: true, force: true, maxRetries: 10 });
  }
});
