/** The statement can't be run: it does not parse, or names what there is not, or does what is not offered. */
export class StatementError extends Error {
  override name = 'BadStatement';
}

/** The statement could be run, but would tell more than the owners of the data allow. */
export class PrivacyError extends Error {
  override name = 'PrivacyRefusal';
  constructor(reason: string) {
    super(`Refused by the privacy rules: ${reason}`);
  }
}
