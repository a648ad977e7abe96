import type { FlagTable } from './flag-row.ts'

/** The flags that say where CI reads, in the order of `--help`. */
export const ciFlags = {
  junit: {
    kind: 'path',
    arity: 'one',
    unit: 'file',
    help: 'writes JUnit XML: for each run a case for its requests, each gate and the verdict',
  },
  markdown: {
    kind: 'path',
    arity: 'one',
    unit: 'file',
    help: 'writes the report as Markdown: verdicts, figures, gates, failures',
  },
  github: {
    kind: 'flag',
    default: false,
    help: 'in GitHub Actions: the Markdown as step summary, and annotations for what did not pass',
  },
} satisfies Partial<FlagTable>
