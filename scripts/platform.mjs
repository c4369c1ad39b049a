import { glibcVersion } from '../lib/native/libc.js'

/** The name that napi-rs gives to this platform: `linux-x64-gnu`, `darwin-arm64`, … */
export const platform = [process.platform, process.arch, abi()].filter(Boolean).join('-')

/** The addon's file for this platform. */
export const addonFile = `entra-jwt-verify.${platform}.node`

function abi() {
  if (process.platform === 'win32') return 'msvc'
  if (process.platform !== 'linux') return undefined
  return glibcVersion() ? 'gnu' : 'musl'
}
