// Declarations that are needed only to check the types of this repository's JavaScript (tsconfig.checkjs.json).

/** The platform packages: each is the addon. They are installed with a release, not here. */
declare module 'entra-jwt-verify-*' {
  const addon: typeof import('../native')
  export = addon
}

declare namespace NodeJS {
  /** What @types/node 20 leaves out of it. */
  interface ProcessReport {
    excludeNetwork: boolean
  }
}
