/** As `engines` of package.json says. */
const oldest = [20, 19] as const;

/** Why this version of Node can't run the gateway; undefined where it can. */
export function unsupportedNode(version: string): string | undefined {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  const isSupported = major > oldest[0] || (major === oldest[0] && minor >= oldest[1]);
  return isSupported
    ? undefined
    : `The gateway needs Node ${oldest.join('.')} or newer; this is ${version}. Install Node 24 (LTS) and start it again.`;
}

/** Ends the process, with a sentence, where Node is too old. */
export function requireNode(): void {
  const reason = unsupportedNode(process.versions.node);
  if (reason === undefined) return;
  process.stderr.write(`${reason}\n`);
  process.exit(1);
}
