import fc from 'fast-check'

const numberFrom = (name: string): number | undefined => {
  const text = process.env[name]
  if (text === undefined || text === '') return undefined
  if (/^-?\d+$/.test(text)) return Number(text)
  throw new Error(`${name} must be a whole number, got ${text}`)
}

/** `FUZZ_CASES`: how many cases each target of `npm run test:fuzz` has. */
export const askedCases = numberFrom('FUZZ_CASES')

/** Always the same, unless `FUZZ_SEED` names another: a change is not to fail for what it has not made. */
export const seed = numberFrom('FUZZ_SEED') ?? (askedCases === undefined ? 20_261_122 : Date.now() % 2 ** 31)

// Every test file is set up by this one, so that all properties begin with that seed.
fc.configureGlobal({ seed })
