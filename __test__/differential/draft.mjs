// A token that is not finished: its members as text, so that a change may write what no serializer would, and what is done to its
// segments before and after it is signed.

export class Draft {
  /**
   * @param {Members} header
   * @param {Members} payload
   * @param {{ alg: string, kid: string, by?: 'stranger' | 'der' }} signer
   */
  constructor(header, payload, signer) {
    this.header = header
    this.payload = payload
    this.signer = signer
    /** Changes of a segment's bytes, its text, the signature, and the whole token, each in its turn. */
    this.bytes = { header: same, payload: same }
    this.encode = { header: base64url, payload: base64url, signature: base64url }
    this.signature = same
    this.whole = same
  }

  /** @param {(signer: Draft['signer'], input: string) => Buffer} sign */
  token(sign) {
    const segment = (name) => this.encode[name](this.bytes[name](Buffer.from(this[name].toString())))
    const input = `${segment('header')}.${segment('payload')}`
    const signature = this.signature(sign(this.signer, input))
    return this.whole(`${input}.${this.encode.signature(signature)}`)
  }
}

/** The members of a JSON object, each name and value as it is written. */
export class Members {
  /** @param {Record<string, unknown>} values; `undefined` leaves one out */
  constructor(values) {
    this.list = Object.entries(values)
      .filter(([, value]) => value !== undefined)
      .map(([name, value]) => ({ name: JSON.stringify(name), value: JSON.stringify(value) }))
    /** Between the tokens of JSON. */
    this.space = ''
    /** What is done to the whole text. */
    this.finish = same
  }

  /** The text of a value, or undefined. */
  get(name) {
    return this.list.find((member) => member.name === JSON.stringify(name))?.value
  }

  set(name, text) {
    const member = this.list.find((it) => it.name === JSON.stringify(name))
    if (member) member.value = text
    else this.list.push({ name: JSON.stringify(name), value: text })
  }

  remove(name) {
    this.list = this.list.filter((member) => member.name !== JSON.stringify(name))
  }

  toString() {
    const { space } = this
    const members = this.list.map(({ name, value }) => `${space}${name}${space}:${space}${value}${space}`)
    return this.finish(`${space}{${members.join(',')}}${space}`)
  }
}

/** The text that a JSON string stands for; `undefined` where an earlier change has made something else of it. */
export function textIn(json) {
  try {
    const value = JSON.parse(json)
    return typeof value === 'string' ? value : undefined
  } catch {
    return undefined
  }
}

function same(value) {
  return value
}

function base64url(bytes) {
  return bytes.toString('base64url')
}
