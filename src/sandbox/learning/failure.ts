/** Why a learning run cannot be done, in words for its user; becomes the text of the run's error. */
export class LearningFailure extends Error {
  override name = 'LearningFailure';
}
