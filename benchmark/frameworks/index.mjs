// A framework is one file:
//
//   id, label     unique; as people call it
//   packages      what an application needs, loaded by the harness
//   serve(packages, protect)
//                 starts an application on loopback with a route that answers with JSON, behind what `protect(app)` adds to it, if
//                 that is given; resolves to the URL of the route
//   contenders    ours first; one with the id `empty`, a hook or middleware that does nothing; then what people take otherwise. Each
//                 has `id`, `label`, `packages`, `checks` and `omits` as in contenders/index.mjs, and
//                 `protect(app, packages, world)`. One without `checks` rejects nothing: it shows the framework's own share

import fastify from './fastify.mjs'
import hono from './hono.mjs'
import koa from './koa.mjs'
import nest from './nest.mjs'

export const frameworks = [fastify, hono, koa, nest]
