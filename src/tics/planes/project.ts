import type { TicsConfig } from '../../config/config.ts';
import { GatewayError } from '../../errors.ts';
import type { SpaceClient } from '../../upstream/rest.ts';
import type { Source } from '../../upstream/tokens.ts';

/** Finds the region's project by its name (`GET /v3/projects`, reference 1.4). */
async function findProject(iam: SpaceClient, region: string | undefined): Promise<string> {
  const { projects } = await iam.read('listProjects', { query: { name: region } });
  const found = projects?.find(({ name }) => name === region)?.id;
  if (found) return found;
  throw new GatewayError('UPSTREAM_INVALID_ANSWER', 'The account has no project in the configured region.', {
    plane: 'IAM',
    call: 'listProjects',
  });
}

/**
 * The project in paths: the configured one, else the region's, which is looked up once.
 *
 * @param iam - called on the first use
 */
export function createProjectSource(
  { projectId, region }: Pick<TicsConfig, 'projectId' | 'region'>,
  iam: () => SpaceClient,
): Source<string> {
  let known = projectId;
  let pending: Promise<string> | undefined;
  return {
    current: () => known,
    get: async () => {
      pending ??= findProject(iam(), region).finally(() => (pending = undefined));
      known ??= await pending;
      return known;
    },
  };
}
