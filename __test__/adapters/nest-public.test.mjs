// Which handlers of Nest are public: every combination of @Public(), our guard and a guard that asks it, on a method and three classes.
import { Controller, Get, UseGuards } from '@nestjs/common'
import test from 'ava'
import { EntraAuthGuard, Public } from 'entra-jwt-verify/nest'
import { decorated } from '../helpers/nest-app.mjs'
import { application, asking, authority, good } from '../helpers/nest-handlers.mjs'

test.after.always(() => authority.close())

const ASKING = asking()

/** What may stand at one place. `@Public()` and our guard there are an error. */
const PLACES = {
  nothing: () => [],
  public: () => [Public()],
  guarded: () => [UseGuards(EntraAuthGuard)],
  asked: () => [UseGuards(ASKING)],
  publicAndAsked: () => [Public(), UseGuards(ASKING)],
  askedAndPublic: () => [UseGuards(ASKING), Public()]
}
const KINDS = Object.keys(PLACES)
const isPublic = (kind) => /public/i.test(kind)
const isAsked = (kind) => /asked/i.test(kind)

/** What the documentation says of a request without a token. */
function expectedOf(ofMethod, classes, isGlobal) {
  const levels = [ofMethod, ...classes]
  const nearest = levels.findIndex((kind) => isPublic(kind) || kind === 'guarded')
  if (nearest < 0 || levels[nearest] === 'guarded') {
    return isGlobal || levels.some((kind) => kind === 'guarded' || isAsked(kind)) ? 401 : 200
  }
  // At a method it is for the guards of the classes too.
  const meant = nearest === 0 ? [ofMethod] : levels
  return meant.some(isAsked) ? 401 : 200
}

/** A controller with a handler of each kind, in the class or inherited, and another public one if it is asked for. */
function controllerOf(path, [leaf, middle, root], hasSibling) {
  const handlers = (prefix, type) => {
    const names = KINDS.map((kind) => [`${prefix}_${kind}`, kind])
    for (const [name] of names) {
      Object.defineProperty(type.prototype, name, {
        value: { [name]: () => 'ok' }[name],
        configurable: true,
        writable: true
      })
    }
    return Object.fromEntries(names.map(([name, kind]) => [name, [Get(name), ...PLACES[kind]()]]))
  }
  const Root = class {}
  decorated(Root, { on: PLACES[root](), methods: handlers('inherited', Root) })
  const Middle = decorated(class extends Root {}, { on: PLACES[middle]() })
  const Leaf = class extends Middle {
    sibling() {}
  }
  const sibling = hasSibling ? { sibling: [Get('sibling'), Public()] } : {}
  return decorated(Leaf, {
    on: [Controller(path), ...PLACES[leaf]()],
    methods: { ...handlers('own', Leaf), ...sibling }
  })
}

for (const isGlobal of [true, false]) {
  test(`public handlers ${isGlobal ? 'behind a global guard' : 'without a global guard'}`, async (t) => {
    t.timeout(120_000)
    const triples = KINDS.flatMap((leaf) => KINDS.flatMap((middle) => KINDS.map((root) => [leaf, middle, root])))
    const cases = triples.flatMap((classes) => [false, true].map((hasSibling) => ({ classes, hasSibling })))
    const controllers = cases.map(({ classes, hasSibling }, at) => controllerOf(String(at), classes, hasSibling))
    const send = await application(t, controllers, isGlobal ? {} : { guard: null })
    let open = 0
    for (const [at, { classes, hasSibling }] of cases.entries()) {
      const answers = KINDS.flatMap((kind) =>
        ['own', 'inherited'].map(async (prefix) => {
          const path = `/${at}/${prefix}_${kind}`
          const expected = expectedOf(kind, classes, isGlobal)
          if (expected === 200) open++
          const told = `${kind} in ${classes}, ${hasSibling ? 'with' : 'without'} another public method`
          t.is((await send(path)).status, expected, told)
          if (at % 7 === 0) t.is((await send(path, good)).status, 200, told)
        })
      )
      await Promise.all(answers)
    }
    // Neither outcome is the only one.
    t.true(open > 500 && open < cases.length * KINDS.length * 2 - 500, String(open))
  })
}
