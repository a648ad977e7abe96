import { spawn, spawnSync } from 'node:child_process'
import { chmodSync, cpSync, existsSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { bin, cleanEnvironment, createCli } from '../support/cli.ts'
import { readSteps } from '../support/workflow.ts'
import { parseXml } from '../support/xml.ts'

const root = fileURLToPath(new URL('../..', import.meta.url))
const steps = readSteps(join(root, '.github/workflows/perf-smoke.yml'))
const cli = createCli()

/** With PERF_SMOKE=full the repository is cloned and installed in each build, as on a runner. */
const isFull = process.env.PERF_SMOKE === 'full'
const limitMs = isFull ? 600_000 : 60_000

/** In the place of GitHub's own: `run list` prints $RUN_ID, `run download` copies $ARTIFACT, if it is there. */
const gh = `#!/bin/bash
case "$1 $2" in
  'run list') echo "$RUN_ID" ;;
  'run download') mkdir -p "$7" && cp -r "$ARTIFACT/." "$7" ;;
  *) exit 64 ;;
esac
`

/** A fresh checkout, in which `npx evalscope` is ours. */
const checkout = (): string => {
  const directory = cli.freshDirectory()
  if (isFull) {
    spawnSync('git', ['clone', '-q', root, directory])
  } else {
    mkdirSync(join(directory, 'node_modules/.bin'), { recursive: true })
    symlinkSync(bin, join(directory, 'node_modules/.bin/evalscope'))
    writeFileSync(join(directory, 'package.json'), '{"private": true}')
  }
  mkdirSync(join(directory, 'tools'))
  writeFileSync(join(directory, 'tools/gh'), gh)
  chmodSync(join(directory, 'tools/gh'), 0o755)
  return directory
}

/** Runs all commands of the workflow, each as a runner does, until one fails. */
const build = async (env: Readonly<Record<string, string>>) => {
  const directory = checkout()
  const commands = steps.map(({ run }) => run).filter(run => run !== undefined && (isFull || run !== 'npm ci'))
  const path = [join(directory, 'tools'), process.env.PATH].join(delimiter)
  const summary = join(directory, 'summary.md')
  const actions = { GITHUB_ACTIONS: 'true', GITHUB_STEP_SUMMARY: summary, PATH: path, ...env }
  let code: number | null = 0
  let output = ''
  for (const [index, command] of commands.entries()) {
    const file = join(directory, `tools/step-${index}.sh`)
    writeFileSync(file, command as string)
    code = await new Promise(resolve => {
      const child = spawn('bash', ['-e', file], { cwd: directory, env: { ...cleanEnvironment(), ...actions } })
      for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', text => (output += text))
      child.once('close', resolve)
    })
    if (code !== 0) break
  }
  return { code, output, directory, summary }
}

/** A busy machine may be too slow for the gates; then the JUnit file has to say so, too. */
const expectTold = ({ code, output, directory, summary }: Awaited<ReturnType<typeof build>>): readonly string[] => {
  expect([0, 1], output).toContain(code)
  const junit = parseXml(readFileSync(join(directory, 'perf.xml'), 'utf8'))
  expect(Number(junit.attributes.failures) > 0, output).toBe(code === 1)
  expect(junit.attributes.errors).toBe('0')
  expect(readFileSync(summary, 'utf8')).toBe(readFileSync(join(directory, 'perf.md'), 'utf8'))
  expect(output).toMatch(/^::(notice|warning|error) title=evalscope perf/m)
  const uploaded = steps.filter(({ uses }) => uses?.startsWith('actions/upload-artifact@')).map(({ paths }) => paths)
  expect(uploaded).toEqual([['perf.xml', 'perf.md', 'results'], ['results/smoke']])
  expect(uploaded.flat().filter(path => !existsSync(join(directory, path)))).toEqual([])
  const [suite] = junit.children
  return suite?.children.flatMap(({ name, attributes }) => (name === 'testcase' ? [attributes.name ?? ''] : [])) ?? []
}

test('the commands run as written: first without a baseline, then against the one that was kept', {
  timeout: limitMs,
}, async () => {
  const first = await build({ RUN_ID: '', ARTIFACT: '' })
  expect(first.output).toContain('::notice::no baseline yet')
  const withoutBaseline = [
    'at least one request succeeded',
    'fails if success_rate < 100',
    'fails if p50_ttft > 200',
    'verdict',
  ]
  expect(expectTold(first)).toEqual(withoutBaseline)

  const artifact = join(cli.freshDirectory(), 'perf-baseline')
  cpSync(join(first.directory, 'results/smoke'), artifact, { recursive: true })
  const second = await build({ RUN_ID: '42', ARTIFACT: artifact })
  expect(second.output).not.toContain('no baseline yet')
  const cases = expectTold(second)
  expect(cases).toEqual(expect.arrayContaining(withoutBaseline))
  expect(cases.filter(name => /p50_(ttft|itl) worse/.test(name))).toHaveLength(2)
})

test('a baseline that has expired is none', { timeout: limitMs }, async () => {
  const directory = checkout()
  const [command = ''] = steps.flatMap(({ run }) => (run?.includes('gh run') ? [run] : []))
  const env = { ...cleanEnvironment(), PATH: `${join(directory, 'tools')}${delimiter}${process.env.PATH}` }
  const missing = { ...env, RUN_ID: '42', ARTIFACT: join(directory, 'nowhere') }
  const { status, stdout } = spawnSync('bash', ['-ec', command], { cwd: directory, env: missing, encoding: 'utf8' })
  expect(status).toBe(0)
  expect(stdout).toContain('::notice::no baseline yet, or it has expired')
  expect(existsSync(join(directory, 'baseline'))).toBe(false)
})
