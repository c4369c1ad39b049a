'use strict'

/**
 * The version of glibc that this process runs on; `undefined` on another C library. Takes 9 ms.
 *
 * @returns {string | undefined}
 */
function glibcVersion() {
  const report = /** @type {NodeJS.ProcessReport & { excludeNetwork?: boolean | undefined }} */ (process.report)
  const { excludeNetwork } = report
  // Looking up network interfaces can take seconds.
  report.excludeNetwork = true
  try {
    return /** @type {any} */ (report.getReport()).header.glibcVersionRuntime
  } finally {
    report.excludeNetwork = excludeNetwork
  }
}

module.exports = { glibcVersion }
