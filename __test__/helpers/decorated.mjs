// Classes with decorators that are applied by hand: JavaScript has none of TypeScript's.

/** What `@Controller()` and its like do for a class, in the order in which TypeScript calls them: methods first, bottom up. */
export function decorated(type, { on = [], methods = {}, parameters = {}, inject = [] }) {
  for (const [name, decorators] of Object.entries(methods)) {
    for (const [index, decorator] of Object.entries(parameters[name] ?? []))
      decorator(type.prototype, name, Number(index))
    let descriptor = Object.getOwnPropertyDescriptor(type.prototype, name)
    for (const decorator of [...decorators].reverse()) {
      descriptor = decorator(type.prototype, name, descriptor) ?? descriptor
    }
    Object.defineProperty(type.prototype, name, descriptor)
  }
  for (const [index, decorator] of inject.entries()) decorator(type, undefined, index)
  return on.reduceRight((current, decorator) => decorator(current) ?? current, type)
}
