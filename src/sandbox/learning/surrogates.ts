import type { Algorithm } from '../model/world.ts';

/** What is really trained where a job names an algorithm. */
export interface Surrogate {
  /** For the reader. */
  readonly description: string;
  /** Whether it also sees squares and products of each party's continuous features. */
  readonly crosses: boolean;
  /** Which parameter says how many passes over the data it takes. */
  readonly epochsFrom: 'epochs' | 'treeCount';
}

/**
 * Only logistic regression is implemented; it stands in for everything else. A job that learns a quantity (REGRESSION)
 * gets linear regression by the same descent. Horizontal jobs name a script and a model file of their own instead of an
 * algorithm: logistic regression, averaged over the agents, stands in for whatever they would do.
 */
export const surrogates: Readonly<Record<Algorithm, Surrogate>> = {
  LOGISTIC_REGRESSION: { description: 'logistic regression, as named', crosses: false, epochsFrom: 'epochs' },
  XG_BOOST: {
    description: 'logistic regression with squares and products of features; tree_num is its number of epochs',
    crosses: true,
    epochsFrom: 'treeCount',
  },
  LIGHT_BGM: {
    description: 'logistic regression with squares and products of features; tree_num is its number of epochs',
    crosses: true,
    epochsFrom: 'treeCount',
  },
  NEURAL_NETWORK: {
    description: 'logistic regression with squares and products of features',
    crosses: true,
    epochsFrom: 'epochs',
  },
  FIBINET: {
    description: 'logistic regression with squares and products of features, one-hot in place of embeddings',
    crosses: true,
    epochsFrom: 'epochs',
  },
};
