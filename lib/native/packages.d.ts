// The platform packages: npm installs the one that fits.

declare module 'entra-jwt-verify-*/package.json' {
  const manifest: { version: string }
  export = manifest
}

declare module 'entra-jwt-verify-*' {
  const addon: typeof import('../../native')
  export = addon
}
