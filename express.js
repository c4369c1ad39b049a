'use strict'

// Types only: `import 'entra-jwt-verify/express'` tells TypeScript that Express requests have `auth`.
