/** The name that napi-rs gives to this platform: `linux-x64-gnu`, `darwin-arm64`, … */
export const platform = [process.platform, process.arch, abi()].filter(Boolean).join('-')

/** The addon's file for this platform. */
export const addonFile = `entra-jwt-verify.${platform}.node`

/** @typedef {{ header: { glibcVersionRuntime?: string } }} Report what is read of Node's diagnostic report */

function abi() {
  if (process.platform === 'win32') return 'msvc'
  if (process.platform !== 'linux') return undefined
  // Looking up the network interfaces can take seconds and is not needed.
  process.report.excludeNetwork = true
  const report = /** @type {Report} */ (process.report.getReport())
  return report.header.glibcVersionRuntime ? 'gnu' : 'musl'
}
