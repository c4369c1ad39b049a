// Declarations that are needed only to check the types of this repository's JavaScript (tsconfig.checkjs.json).

declare namespace NodeJS {
  /** What @types/node 20 leaves out of it. */
  interface ProcessReport {
    excludeNetwork: boolean
  }
}
