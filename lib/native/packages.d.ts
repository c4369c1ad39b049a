// The platform packages: npm installs the one that fits. Each is the addon, with its version beside it.

declare module 'entra-jwt-verify-*/package.json' {
  const manifest: { version: string }
  export = manifest
}

declare module 'entra-jwt-verify-*' {
  const addon: typeof import('../../native')
  export = addon
}
