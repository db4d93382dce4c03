import * as z from 'zod';
import { baseUrl } from './values.ts';

/** Section `tracing`. */
export const tracing = z.strictObject(
  {
    endpoint: baseUrl('the base address of an OTLP receiver, such as http://collector:4318')
      .optional()
      .describe(
        'Base address of an OTLP receiver, such as `http://collector:4318`. Default: the one of the OpenTelemetry SDK, `http://localhost:4318`.',
      ),
    ratio: z
      .number('a share from 0 to 1')
      .min(0, 'at least 0')
      .max(1, 'at most 1')
      .default(1)
      .describe(
        'Share of requests that are traced, of those whose caller made no sampling decision. The environment variable `OTEL_TRACES_SAMPLER` overrides it.',
      ),
  },
  'where traces go: endpoint, ratio',
);

export type TracingConfig = z.output<typeof tracing>;
