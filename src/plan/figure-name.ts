import { nearest } from '../arguments/nearest.ts'
import { shown } from '../arguments/read-value.ts'
import { ArgumentsError } from '../errors.ts'
import type { NamedFigure } from '../model/named-figure.ts'
import { figureNamesLike, parseFigureName } from '../stats/named-figures.ts'

/** The figure that a flag names; `where` is what was given. Throws `ArgumentsError` with the name that is nearest. */
export const readFigureName = (where: string, name: string): NamedFigure => {
  const figure = parseFigureName(name)
  if (figure !== undefined) return figure
  const level = /^p(\d+(?:\.\d+)?)_/i.exec(name)?.[1]
  if (level !== undefined && parseFigureName(name.replace(level, '50')) !== undefined) {
    throw new ArgumentsError(`${where}: there is no p${level}; percentiles lie between 0 and 100`)
  }
  const suggestion = nearest(name, figureNamesLike(name))
  const remedy = suggestion === undefined ? figuresText : `did you mean ${suggestion}?`
  throw new ArgumentsError(`${where}: there is no figure ${shown(name)}; ${remedy}`)
}

/** All names, in few words. */
const figuresText =
  'there are avg_, min_, max_ and any percentile such as p50_ or p99.9_ of latency, ttft, itl, tpot, ttfat and first_chunk, ' +
  'and success_rate, rps, tps, total_tps, goodput and goodput_rate'
