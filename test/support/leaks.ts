import { readFileSync } from 'node:fs'
import { type Finished, filesIn } from './cli.ts'

/** A secret in every form in which it would still be one: as it is, percent-encoded, in base64 at any place. */
const formsOf = (secret: string): string[] => {
  // Of 3 bytes at a time base64 makes 4 letters: what is in the middle stands there whatever comes before and behind.
  const inBase64 = [0, 1, 2].map(before => {
    const whole = Buffer.from(`${' '.repeat(before)}${secret}`)
      .toString('base64')
      .replace(/=+$/, '')
    return whole.slice(before === 0 ? 0 : 4, -4)
  })
  const all = [
    secret,
    encodeURIComponent(secret),
    ...inBase64,
    ...inBase64.map(text => text.replaceAll('+', '-').replaceAll('/', '_')),
  ]
  // Four letters stand in many a file.
  return [...new Set(all)].filter(form => form === secret || form.length >= 8)
}

/** Every place where the program left one of `secrets`, in any form: a stream or a file, byte by byte. */
export const placesOf = (
  secrets: readonly string[],
  { stdout, stderr, directory }: Pick<Finished, 'stdout' | 'stderr' | 'directory'>,
): string[] => {
  const places: [string, string][] = [
    ['stdout', stdout],
    ['stderr', stderr],
    ...filesIn(directory).map((path): [string, string] => [path, `${path}\n${readFileSync(path, 'latin1')}`]),
  ]
  return places.flatMap(([place, text]) =>
    secrets.flatMap(secret =>
      formsOf(secret)
        .filter(form => text.includes(form))
        .map(form => `${secret} as ${form} in ${place}`),
    ),
  )
}
