import type { SpeedRow } from '../model/result.ts'
import { formatFigure } from './format.ts'
import { boxTable } from './table.ts'

/** The table of the speed benchmark. GPU memory is known only where the model runs here, so it is 0. */
export const speedTable = (rows: readonly SpeedRow[]): string =>
  boxTable({
    head: ['Prompt Tokens', 'Speed(tokens/s)', 'GPU Memory(GB)'],
    rows: rows.map(({ inputTokens, tokensPerSec }) => [
      formatFigure('count', inputTokens),
      formatFigure('rate', tokensPerSec),
      '0',
    ]),
    hasRowLines: true,
  })
