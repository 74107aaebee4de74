import fc from 'fast-check'

/**
 * Laws are tried on the same inputs in every run, so that what passed once passes again. `MESHSCOPE_SEED` asks for
 * those of another seed, or of a random one; a law that fails says which it was.
 */
const asked = process.env.MESHSCOPE_SEED ?? '1'
const seed = asked === 'random' ? Math.floor(Math.random() * 2 ** 31) : Number(asked)
if (!Number.isInteger(seed)) {
  throw new Error(`Cannot try laws: expected MESHSCOPE_SEED to be an integer or random, found ${asked}`)
}
fc.configureGlobal({ seed })
