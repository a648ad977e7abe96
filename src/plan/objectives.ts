import type { ArgumentValues } from '../arguments/arguments.ts'
import { nearest } from '../arguments/nearest.ts'
import { shown } from '../arguments/read-value.ts'
import { ArgumentsError } from '../errors.ts'
import type { Objective } from '../model/goodput.ts'

/** What an objective's limit is counted in where no unit is given. */
const units: Readonly<Record<Objective['figure'], 'ms' | 's'>> = { latency: 's', ttft: 'ms', ttfat: 'ms', tpot: 'ms' }

const written = /^([a-z_]+):(\d+\.?\d*|\.\d+)(ms|s)?$/i

/** `--goodput ttft:300 tpot:50 latency:5`; empty where it is not given. Throws `ArgumentsError` for the first mistake. */
export const readObjectives = ({ goodput, stream }: Pick<ArgumentValues, 'goodput' | 'stream'>): Objective[] => {
  if (goodput === undefined) return []
  const items = goodput.flatMap(text => text.split(/[\s,]+/)).filter(item => item !== '')
  if (items.length === 0) throw new ArgumentsError(`--goodput is empty; ${example}`)
  const objectives = items.map(readObjective)
  for (const [index, { figure }] of objectives.entries()) {
    if (objectives.findIndex(other => other.figure === figure) < index) {
      throw new ArgumentsError(`--goodput has two limits for ${figure}; keep one of them`)
    }
    if (figure !== 'latency' && !stream) {
      throw new ArgumentsError(
        `--goodput ${figure} needs streamed answers; leave out --no-stream, or give latency alone`,
      )
    }
  }
  return objectives
}

const example = 'give limits such as ttft:300 tpot:50 latency:5, in ms, of latency in s'

const readObjective = (item: string): Objective => {
  const [, name = '', limit = '', unit] = written.exec(item) ?? []
  if (name === '') throw new ArgumentsError(`--goodput ${shown(item)} is no objective; ${example}`)
  const figure = name.toLowerCase()
  if (!Object.hasOwn(units, figure)) throw new ArgumentsError(`--goodput ${shown(item)}: ${unknownText(figure)}`)
  const known = figure as Objective['figure']
  const isInSeconds = (unit?.toLowerCase() ?? units[known]) === 's'
  // 1.001 s times 1000 is 1000.9999999999999 ms.
  const limitMs = isInSeconds ? Math.round(Number(limit) * 1e9) / 1e6 : Number(limit)
  if (limitMs > 0 && Number.isFinite(limitMs)) return { figure: known, limitMs }
  throw new ArgumentsError(`--goodput ${shown(item)}: the limit must be above 0, and no larger than any wait`)
}

const unknownText = (figure: string): string => {
  const known = Object.keys(units)
  if (figure === 'itl') return 'a request has many ITLs; give tpot, which is their mean over its tokens'
  const suggestion = nearest(figure, known)
  return suggestion === undefined ? `objectives are of ${known.join(', ')}` : `did you mean ${suggestion}?`
}
