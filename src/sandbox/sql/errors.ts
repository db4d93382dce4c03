/** The statement cannot be run: invalid, unknown names, or unsupported. */
export class StatementError extends Error {
  override name = 'BadStatement';
}

/** The statement would disclose more than the owners of the data allow. */
export class PrivacyError extends Error {
  override name = 'PrivacyRefusal';
  constructor(reason: string) {
    super(`Refused by the privacy rules: ${reason}`);
  }
}
