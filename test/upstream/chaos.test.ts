import { expect, test } from 'vitest';
import { scenes } from '../../bench/chaosScenes.ts';

const timeoutMs = 60_000;

// Mostly they wait, each on its own stage, so they are played side by side. Times are judged by `npm run bench:chaos`.
test.concurrent.each(Object.entries(scenes))(
  '%s',
  async (_, play) => {
    const findings = await play({ seed: 1, isShort: true });
    expect(findings.filter(({ isTiming, isMet }) => !isTiming && !isMet)).toEqual([]);
  },
  timeoutMs,
);
