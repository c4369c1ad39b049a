// @ts-check
/** The name that napi-rs gives to this platform: `linux-x64-gnu`, `darwin-arm64`, … */
export const platform = [process.platform, process.arch, abi()].filter(Boolean).join('-')

/** The addon's file for this platform. */
export const addonFile = `entra-jwt-verify.${platform}.node`

/**
 * What @types/node 20 leaves out of Node's diagnostic report.
 *
 * @typedef {{ excludeNetwork: boolean, getReport(): { header: { glibcVersionRuntime?: string } } }} Report
 */

function abi() {
  if (process.platform === 'win32') return 'msvc'
  if (process.platform !== 'linux') return undefined
  const report = /** @type {Report} */ (/** @type {unknown} */ (process.report))
  // Looking up the network interfaces can take seconds and is not needed.
  report.excludeNetwork = true
  return report.getReport().header.glibcVersionRuntime ? 'gnu' : 'musl'
}
