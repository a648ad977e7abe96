import type { Option } from 'commander'
import { ArgumentsError } from '../errors.ts'

/**
 * Makes the spellings users bring along known to the command: `--min_tokens` for `--min-tokens`. A flag that would
 * swallow the next flag as its value, and a switch with a value, are `ArgumentsError`s. Values stay as they are.
 */
export const normalizeArgv = (argv: readonly string[], options: readonly Option[]): string[] => {
  const find = (token: string): Option | undefined => {
    const [name = ''] = token.split('=', 1)
    return options.find(option => option.short === name || option.long === name.replaceAll('_', '-'))
  }
  const normal: string[] = []
  for (let at = 0; at < argv.length; at++) {
    const token = argv[at] as string
    if (token === '--') return [...normal, ...argv.slice(at)]
    const option = token.startsWith('-') ? find(token) : undefined
    const equals = token.indexOf('=')
    const isLong = option !== undefined && token.startsWith('--')
    normal.push(isLong ? `${option.long}${equals < 0 ? '' : token.slice(equals)}` : token)
    if (isLong && equals >= 0 && !option.required && !option.optional) {
      const forms = options.filter(({ long }) => long && isFormOf(option, long)).map(({ long }) => long)
      throw new ArgumentsError(
        `${option.long} takes no value, got ${token.slice(equals + 1)}; write ${forms.join(' or ')}`,
      )
    }
    if (!option?.required || equals >= 0 || at + 1 >= argv.length) continue
    const value = argv[++at] as string
    if (value.startsWith('--') && find(value)) {
      // Without its own value, which may be a secret.
      const [follower] = value.split('=', 1)
      throw new ArgumentsError(`${option.long} needs a value, but ${follower} follows it`)
    }
    normal.push(value)
  }
  return normal
}

const isFormOf = ({ long }: Option, other: string): boolean =>
  other.replace('--no-', '--') === long?.replace('--no-', '--')
