// The pictures of the documentation show what the command line prints.
import test from 'ava'
import { committed, drawn, PICTURES, printed, textOf } from '../../scripts/pictures.mjs'

for (const picture of PICTURES) {
  test(`docs/pictures/${picture.name}.svg`, async (t) => {
    const now = drawn(picture.command, await printed(picture))
    t.is(textOf(now), textOf(committed(picture.name)), 'run node scripts/pictures.mjs')
    t.true(textOf(now).length > 300)
  })
}
