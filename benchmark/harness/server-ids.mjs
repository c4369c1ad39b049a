// Apart from servers.mjs: what that loads to make load has no place in the process of a server.

/** The server without anything in front of its route. */
export const BARE = 'bare'
/** With something that does nothing, which is the framework's own price for it. */
export const EMPTY = 'empty'
