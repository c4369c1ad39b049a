// The entry for NestJS beyond HTTP: GraphQL, gateways of Socket.IO and ws, microservices, and Nest's testing module.
// `npm test` installs what is needed; `node --test __test__/package/nest/nest.mjs`.
import './graphql.mjs'
import './federation.mjs'
import './gateways.mjs'
import './microservices.mjs'
import './testing-module.mjs'
