import type { Algorithm } from '../model/world.ts';

/** Algorithms that are trained in place of named ones. */
export interface Surrogate {
  /** For documentation. */
  readonly description: string;
  /** True to add squares and products of each party's continuous features. */
  readonly crosses: boolean;
  /** The parameter that gives the number of epochs. */
  readonly epochsFrom: 'epochs' | 'treeCount';
}

/**
 * Only logistic regression is implemented, and linear regression for REGRESSION. Horizontal jobs name a script instead
 * of an algorithm: averaged logistic regression replaces whatever it does.
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
