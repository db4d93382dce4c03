import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { parseConfig } from '../../src/config/config.ts';
import { startServer } from '../../src/server/server.ts';
import { createMetrics } from '../../src/telemetry/metrics.ts';
import { useStage } from '../support/gateway.ts';

const stage = useStage();
const folder = new URL('../../deploy/kubernetes/', import.meta.url);

interface Probe {
  readonly httpGet: { readonly path: string; readonly port: string };
}

interface Container {
  readonly env: readonly {
    readonly name: string;
    readonly value?: string;
    readonly valueFrom?: { readonly secretKeyRef: { readonly name: string; readonly key: string } };
  }[];
  readonly ports: readonly { readonly name: string; readonly containerPort: number }[];
  readonly startupProbe: Probe;
  readonly livenessProbe: Probe;
  readonly readinessProbe: Probe;
  readonly volumeMounts: readonly { readonly name: string; readonly mountPath: string }[];
}

interface Manifest {
  readonly kind: string;
  readonly metadata: { readonly name: string };
  readonly data?: Readonly<Record<string, string>>;
  readonly stringData?: Readonly<Record<string, string>>;
  readonly spec: {
    readonly selector: { readonly matchLabels: object };
    readonly template: {
      readonly metadata: { readonly labels: object; readonly annotations: Readonly<Record<string, string>> };
      readonly spec: {
        readonly terminationGracePeriodSeconds: number;
        readonly containers: readonly [Container];
        readonly volumes: readonly { readonly name: string; readonly configMap?: { readonly name: string } }[];
      };
    };
    readonly ports: readonly { readonly targetPort: string }[];
    readonly scaleTargetRef: { readonly kind: string; readonly name: string };
    readonly metrics: readonly {
      readonly pods?: {
        readonly metric: { readonly name: string };
        readonly target: { readonly averageValue: string };
      };
    }[];
  };
}

const manifests = new Map(
  readdirSync(folder).map((name) => {
    const manifest = parse(readFileSync(new URL(name, folder), 'utf8')) as Manifest;
    return [manifest.kind, manifest] as const;
  }),
);

function manifest(kind: string): Manifest {
  const found = manifests.get(kind);
  if (found === undefined) throw new Error(`No manifest of a ${kind}.`);
  return found;
}

const { template } = manifest('Deployment').spec;
const [container] = template.spec.containers;

/** What the container finds in its environment. */
const environment = Object.fromEntries(
  container.env.map(({ name, value, valueFrom }) => [
    name,
    value ?? manifest('Secret').stringData?.[valueFrom?.secretKeyRef.key ?? ''],
  ]),
);

const text = manifest('ConfigMap').data?.['gateway.config.yaml'] ?? '';
const config = parseConfig(text, environment, environment['GATEWAY_CONFIG'] ?? '');

describe('the manifests', () => {
  test('are all there, and belong together', () => {
    expect([...manifests.keys()].sort()).toEqual(
      ['ConfigMap', 'Deployment', 'HorizontalPodAutoscaler', 'PodDisruptionBudget', 'Secret', 'Service'].sort(),
    );
    for (const { metadata } of manifests.values()) expect(metadata.name).toBe('tics-gateway');
    const labels = { app: 'tics-gateway' };
    for (const selected of [
      template.metadata.labels,
      manifest('Service').spec.selector,
      manifest('Deployment').spec.selector.matchLabels,
      manifest('PodDisruptionBudget').spec.selector.matchLabels,
    ])
      expect(selected).toEqual(labels);
    expect(manifest('HorizontalPodAutoscaler').spec.scaleTargetRef).toMatchObject({
      kind: 'Deployment',
      name: manifest('Deployment').metadata.name,
    });
  });

  test('have a configuration that the gateway takes, with nothing missing', () => {
    expect(Object.values(environment)).not.toContain(undefined);
    expect(config.redis?.encryptionKeys).toEqual([environment['REDIS_KEY']]);
    expect(config.tics?.account.password).toBe(environment['TICS_PASSWORD']);
    expect(config.callers?.keys).toBeDefined();
    const mount = container.volumeMounts.find(({ name }) => name === 'config');
    expect(environment['GATEWAY_CONFIG']).toBe(`${mount?.mountPath}/gateway.config.yaml`);
    expect(template.spec.volumes.find(({ name }) => name === 'config')?.configMap?.name).toBe('tics-gateway');
    expect(container.volumeMounts.map(({ mountPath }) => mountPath)).toContain(config.dataDirectory);
  });

  test('have the ports of the configuration', () => {
    const ports = Object.fromEntries(container.ports.map(({ name, containerPort }) => [name, containerPort]));
    expect(ports).toEqual({ api: config.port, metrics: config.admin?.port });
    expect(template.metadata.annotations['prometheus.io/port']).toBe(`${config.admin?.port}`);
    for (const { targetPort } of manifest('Service').spec.ports) expect(ports).toHaveProperty(targetPort);
    for (const { httpGet } of [container.startupProbe, container.livenessProbe, container.readinessProbe])
      expect(ports).toHaveProperty(httpGet.port);
  });

  test('probe what the gateway answers, and scrape what it has', async () => {
    const server = await startServer(stage.gateway, {
      host: '127.0.0.1',
      port: 0,
      admin: { host: '127.0.0.1', port: 0 },
    });
    const { startupProbe, livenessProbe, readinessProbe } = container;
    for (const { httpGet } of [startupProbe, livenessProbe]) expect(httpGet.path).toBe('/healthz');
    expect(readinessProbe.httpGet.path).toBe('/readyz');
    for (const path of ['/healthz', '/readyz'])
      await expect.poll(async () => (await fetch(`${server.url}${path}`)).status).toBe(200);
    const { pathname } = new URL(server.metricsUrl);
    expect(template.metadata.annotations['prometheus.io/path']).toBe(pathname);
    await server.close();
  });

  test('scale by a metric that there is, below the limit of one replica', () => {
    const metrics = createMetrics();
    const names = metrics.describe().map(({ name }) => name);
    metrics.close();
    const { pods } = manifest('HorizontalPodAutoscaler').spec.metrics.find((metric) => metric.pods !== undefined) ?? {};
    expect(names).toContain(pods?.metric.name);
    expect(Number(pods?.target.averageValue)).toBeLessThan(config.limits.subscriptions);
  });

  test('give it the time that it takes to stop', () => {
    expect(template.spec.terminationGracePeriodSeconds).toBeGreaterThan(10);
    expect(config.shutdownDelayMs).toBeGreaterThan(2_000);
  });
});
