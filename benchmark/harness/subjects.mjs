import { verify } from 'node:crypto'
import { SIGNATURES } from './tokens.mjs'
import { WAYS, wayOf } from './ways.mjs'

/**
 * An instance of a contender as a subject of measureInterleaved: it goes through the pool round and round. Where the
 * instance has `renew`, another one begins each pass, so that every token is new to it.
 */
export function subjectOf(id, instance, pool, { largestBatch } = {}) {
  const way = wayOf(instance)
  const { input } = WAYS[way]
  let current = instance
  let position = 0
  return {
    id,
    way,
    largestBatch,
    prepare(count) {
      const calls = new Array(count)
      const inputs = new Array(count)
      for (let i = 0; i < count; i++) {
        if (position === pool.length) {
          position = 0
          if (instance.renew) current = instance.renew()
        }
        calls[i] = current[way]
        inputs[i] = input(pool[position++])
      }
      return { calls, inputs }
    }
  }
}

/**
 * The baseline of all comparisons: the signature alone, by Node's `crypto.verify` with a KeyObject. Nothing is decoded
 * and nothing else is checked; signing input and signature are buffers already.
 */
export function cryptoVerify(pool, publicKey, algorithm = 'RS256') {
  const { hash, options } = SIGNATURES[algorithm]
  const key = Object.keys(options).length > 0 ? { key: publicKey, ...options } : publicKey
  const call = ({ data, signature }) => {
    if (!verify(hash, data, key, signature)) throw new Error('crypto.verify refuses a good token')
  }
  let position = 0
  return {
    id: 'crypto.verify',
    way: 'verifySync',
    prepare(count) {
      const calls = new Array(count).fill(call)
      const inputs = Array.from({ length: count }, () => parts(pool[position++ % pool.length]))
      return { calls, inputs }
    }
  }
}

function parts(token) {
  const end = token.lastIndexOf('.')
  return { data: Buffer.from(token.slice(0, end), 'latin1'), signature: Buffer.from(token.slice(end + 1), 'base64url') }
}
