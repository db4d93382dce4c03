import { readFile } from 'node:fs/promises';
import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { errorCodes } from '../../src/errors.ts';
import { operationFields, otherLines, refusalFields, upstreamFailureFields } from '../../src/telemetry/logFields.ts';
import { createMetrics } from '../../src/telemetry/metrics.ts';
import type { MetricDescription } from '../../src/telemetry/metrics/maker.ts';

interface Dashboard {
  readonly panels: readonly {
    readonly title: string;
    readonly gridPos: { readonly x: number; readonly w: number };
    readonly targets?: readonly { readonly expr: string }[];
  }[];
  readonly templating: { readonly list: readonly { readonly query: string }[] };
}
interface Alerts {
  readonly groups: readonly {
    readonly rules: readonly {
      readonly alert: string;
      readonly expr: string;
      readonly labels: { readonly severity: string };
      readonly annotations: { readonly summary: string; readonly action: string };
    }[];
  }[];
}

function read(path: string) {
  return readFile(new URL(`../../${path}`, import.meta.url), 'utf8');
}

const dashboard = JSON.parse(await read('ops/dashboard.json')) as Dashboard;
const alerts = (parse(await read('ops/alerts.yaml')) as Alerts).groups.flatMap(({ rules }) => rules);
const metrics = createMetrics();
metrics.close();
const described = new Map(metrics.describe().map((metric) => [metric.name, metric]));

const panels = dashboard.panels.flatMap(({ title, targets = [] }) => targets.map(({ expr }) => [title, expr] as const));
const expressions = [...panels, ...alerts.map(({ alert, expr }) => [alert, expr] as const)];

/** Names of metrics in an expression, with the labels in their braces. */
function metricsIn(expr: string) {
  return [...expr.matchAll(/\b((?:tics_gateway|process|nodejs)_\w+)(?:\{([^}]*)\})?/g)].map(
    ([, name = '', matchers = '']) => ({
      name,
      labels: [...matchers.matchAll(/(\w+)\s*(?:=~|!~|!=|=)/g)].map(([, label = '']) => label),
    }),
  );
}

/** The metric that a name stands for: histograms have series of their own names. */
function metricOf(name: string): MetricDescription | undefined {
  const base = described.get(name.replace(/_(bucket|sum|count)$/, ''));
  return described.get(name) ?? (base?.type === 'histogram' ? base : undefined);
}

/** Labels that Prometheus adds itself. */
const added = ['job', 'instance', 'le'];

describe('dashboard and alerts', () => {
  test.each(expressions)('%s: every metric and label of it exists', (_, expr) => {
    const used = metricsIn(expr);
    expect(used.length + (expr.startsWith('up{') ? 1 : 0)).toBeGreaterThan(0);
    for (const { name, labels } of used) {
      const metric = metricOf(name);
      expect(metric, name).toBeDefined();
      expect([...(metric?.labels ?? []), ...added]).toEqual(expect.arrayContaining(labels));
    }
    const grouped = [...expr.matchAll(/by \(([^)]*)\)/g)].flatMap(([, list = '']) => list.split(/,\s*/));
    const known = used.flatMap(({ name }) => metricOf(name)?.labels ?? []);
    expect([...known, ...added]).toEqual(expect.arrayContaining(grouped));
  });

  test('every outcome and code in an expression exists', () => {
    const looked = expressions.flatMap(([, expr]) =>
      [...expr.matchAll(/(?:outcome|code)(?:=~|!=|=)"([^"]*)"/g)].flatMap(([, words = '']) => words.split('|')),
    );
    expect(looked.length).toBeGreaterThan(5);
    expect([...Object.keys(errorCodes), 'OK', 'ERRORS', 'ABORTED']).toEqual(expect.arrayContaining(looked));
  });

  test('an alert counts exactly the codes of which the table of codes says so', () => {
    const counted = alerts.flatMap(({ alert, expr }) =>
      [...expr.matchAll(/(?:outcome|code)(?:=~|=)"([^"]*)"/g)].flatMap(([, codes = '']) =>
        codes.split('|').map((code) => `${alert} ${code}`),
      ),
    );
    const stated = Object.entries(errorCodes).flatMap(([code, facts]) =>
      facts.alerts.map((alert) => `${alert} ${code}`),
    );
    expect(counted.sort()).toEqual(stated.sort());
  });

  test('the dashboard shows every metric', () => {
    const shown = new Set(panels.flatMap(([, expr]) => metricsIn(expr).map(({ name }) => metricOf(name)?.name)));
    expect(described.size).toBeGreaterThan(0);
    expect([...described.keys()].filter((name) => !shown.has(name))).toEqual([]);
    for (const { gridPos } of dashboard.panels) expect(gridPos.x + gridPos.w).toBeLessThanOrEqual(24);
  });

  test('every alert says what to do', () => {
    expect(new Set(alerts.map(({ alert }) => alert)).size).toBe(alerts.length);
    expect(alerts.length).toBeGreaterThan(0);
    for (const { labels, annotations } of alerts) {
      expect(['page', 'ticket']).toContain(labels.severity);
      expect(annotations.summary).toMatch(/\.$/);
      expect(annotations.action).toMatch(/\.$/);
    }
  });
});

describe('the log', () => {
  const src = fileURLToPath(new URL('../../src/', import.meta.url));
  const files = readdirSync(src, { recursive: true, encoding: 'utf8' }).filter(
    (file) => file.endsWith('.ts') && !file.startsWith('sandbox/') && !file.includes('generated'),
  );

  test('every line that the code can write is described', () => {
    const written = files.flatMap((file) =>
      [
        ...readFileSync(`${src}${file}`, 'utf8').matchAll(
          /\blog(?:\.\w+|\[[^\]]*\])\(\s*(?:\w+,|\{(?:[^{}]|\{[^}]*\})*\},)?\s*(['"`])((?:(?!\1).)*)\1/g,
        ),
      ].map(([, , msg = '']) => msg),
    );
    const described = ['operation', 'audit', 'request refused', 'upstream call failed', ...Object.keys(otherLines)];
    expect([...new Set(written)].sort()).toEqual([...described].sort());
  });

  test('no field could hold what callers or the service sent', () => {
    const names = Object.keys({ ...operationFields, ...refusalFields, ...upstreamFailureFields });
    expect(names.filter((name) => /body|token|password|variables|query|url|path|address/i.test(name))).toEqual([]);
  });
});

describe('the generated documents', () => {
  test('list every metric, alert and error code', async () => {
    const documents = (await Promise.all([read('docs/operating.md'), read('docs/errors.md')])).join('\n');
    const names = [...described.keys(), ...Object.keys(errorCodes), ...alerts.map(({ alert }) => alert)];
    expect(names.filter((name) => !documents.includes(`| \`${name}\` |`))).toEqual([]);
  });
});
