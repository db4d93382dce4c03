/** Why a learning run failed, as text for its user. */
export class LearningFailure extends Error {
  override name = 'LearningFailure';
}
