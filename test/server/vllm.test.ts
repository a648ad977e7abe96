import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { createCli, filesIn, jsonOf, words } from '../support/cli.ts'
import { hasTerminal, startInTerminal } from '../support/terminal.ts'
import { createStandIn, freePort, type Launcher, type StandInMode, standInFolder } from './vllm-stand-in.ts'

const cli = createCli()

/** A benchmark of the stand-in, at a port of its own. */
const prepare = async (flags: string, mode: StandInMode = 'serves', launcher: Launcher = 'program') => {
  const directory = cli.freshDirectory()
  const standIn = createStandIn(directory, mode, launcher)
  const port = await freePort()
  const argv = words(`perf --api local_vllm --model org/tiny --port ${port} --seed 1 ${flags}`)
  return { directory, standIn, port, argv }
}

const start = async (flags: string, mode?: StandInMode, env: Readonly<Record<string, string>> = {}) => {
  const prepared = await prepare(flags, mode)
  const { directory, standIn, argv } = prepared
  return { ...prepared, running: cli.start(argv, { directory, env: { ...standIn.env, ...env } }) }
}

const oneMistake = /^evalscope: [^\n]*\n$/m

describe.concurrent('--api local_vllm', () => {
  test('starts vLLM as the original does, waits for it, measures it and ends it with all its workers', async () => {
    const secrets = { HF_TOKEN: 'hf_not-for-any-log', VLLM_API_KEY: 'key-of-another-server' }
    const { directory, standIn, port, running } = await start(
      '--parallel 2 -n 12 --no-timestamp --name mine',
      'serves',
      secrets,
    )
    const { code, stdout, stderr } = await running.finished
    expect(standIn.isGone()).toBe(true)
    const argv = words(`serve org/tiny --served-model-name org/tiny --host 127.0.0.1 --port ${port}
      --max-model-len 32768 --gpu-memory-utilization 0.9 --tensor-parallel-size 2`)
    expect(standIn.starts()).toMatchObject([{ called: 'vllm', argv, hasToken: true, hasKey: false }])
    expect(stderr).toContain(
      `starting vLLM: ${standInFolder('program')}/vllm ${argv.join(' ')}; its log: outputs/vllm_`,
    )
    expect(stderr).toMatch(/^vLLM is ready after \d+ s$/m)
    expect(stdout).toContain('12 / 12 / 0')
    expect(code).toBe(0)
    expect(jsonOf(directory, 'parallel_2_number_12', 'benchmark_args.json')).toMatchObject({ model: 'org/tiny' })
    const files = filesIn(directory)
    const logs = filesIn(join(directory, 'outputs')).filter(path => !path.includes('/mine/'))
    const [log = ''] = logs
    expect(logs).toEqual([expect.stringMatching(new RegExp(`/outputs/vllm_${port}_\\d{8}_\\d{6}\\.log$`))])
    expect(readFileSync(log, 'utf8')).toContain('HF_TOKEN is **********\n')
    expect(readFileSync(log, 'utf8')).toContain('Application startup complete.\n')
    const written = [stdout, stderr, ...files.map(path => readFileSync(path, 'latin1'))].join('')
    for (const secret of Object.values(secrets)) expect(written).not.toContain(secret)
  })

  test('takes a Python that can import vLLM where there is no vllm', async () => {
    const { directory, standIn, port, argv } = await prepare('-n 2', 'serves', 'module')
    const env = { ...standIn.env, CUDA_VISIBLE_DEVICES: '0,2,3' }
    expect((await cli.run(argv, { directory, env })).code).toBe(0)
    const expected = words(`-m vllm.entrypoints.openai.api_server --model org/tiny --served-model-name org/tiny
      --host 127.0.0.1 --port ${port} --max-model-len 32768 --gpu-memory-utilization 0.9 --tensor-parallel-size 3`)
    expect(standIn.starts()).toMatchObject([{ called: 'python', argv: expected }])
    expect(standIn.isGone()).toBe(true)
  })

  test('without vLLM it is one line that says what was looked for and what to do', async () => {
    const { directory, argv } = await prepare('-n 2')
    const { code, stderr } = await cli.run(argv, { directory, env: { PATH: directory } })
    expect(code).toBe(2)
    expect(stderr).toMatch(oneMistake)
    expect(stderr).toContain('PATH has no vllm, and no python3 or python that can import it; install it')
    expect(stderr).toContain('give --api openai --url')
  })

  test('a port in use is one line before anything is started', async () => {
    const { createServer } = await import('node:net')
    const { directory, standIn, port, argv } = await prepare('-n 2')
    const other = createServer()
    await new Promise<void>(resolve => other.listen(port, '127.0.0.1', resolve))
    const { code, stderr } = await cli.run(argv, { directory, env: standIn.env })
    other.close()
    expect(code).toBe(2)
    expect(stderr).toMatch(oneMistake)
    expect(stderr).toContain(`--port ${port} is in use on 127.0.0.1`)
    expect(standIn.starts()).toEqual([])
  })
})

describe.concurrent('a vLLM that is of no use', () => {
  const cause = 'ValueError: no room for a KV cache | RuntimeError: Engine core initialization failed'

  test('one that dies before it is ready is told of at once, with its last words', async () => {
    const { standIn, running } = await start('-n 2', 'dies')
    const { code, stderr } = await running.finished
    expect(code).toBe(3)
    expect(stderr).toMatch(oneMistake)
    expect(stderr).toContain(`evalscope: vLLM ended before it was ready (exit code 1); it said last: ${cause}`)
    expect(stderr).toMatch(/; its log: outputs\/vllm_/)
    expect(standIn.isGone()).toBe(true)
  })

  test('one that dies in a run ends this, and what there is is shown', async () => {
    const flags = '--parallel 1 --rate 50 --duration 60'
    const { standIn, running } = await start(flags, 'dies-later')
    const { code, stdout, stderr } = await running.finished
    expect(stdout).toContain('Benchmarking summary')
    expect(stderr).toMatch(oneMistake)
    expect(stderr).toContain(`evalscope: vLLM ended during the benchmark (exit code 1); it said last: ${cause}`)
    expect(code).toBe(3)
    expect(standIn.isGone()).toBe(true)
  })

  test('one that never answers is waited for until the limit', async () => {
    const { standIn, running } = await start('-n 2 --total-timeout 1', 'sick')
    const { code, stderr } = await running.finished
    expect(code).toBe(3)
    expect(stderr).toContain('vLLM was not ready within 1 s (--total-timeout); it said last: ')
    expect(stderr).toContain('Loading safetensors checkpoint shards: 100%; its log: outputs/vllm_')
    expect(standIn.isGone()).toBe(true)
  })
})

describe.concurrent('no process is left', () => {
  test.skipIf(!hasTerminal)("after a terminal's Ctrl-C while vLLM is waited for, which is shown", async () => {
    const { directory, standIn, argv } = await prepare('-n 2', 'sick')
    const env = { ...standIn.env, PATH: `${standIn.env.PATH}:/usr/bin:/bin` }
    const terminal = startInTerminal(argv, { columns: 100, directory, env })
    await terminal.until(/waiting for vLLM, \d+ s: Loading safetensors checkpoint shards: 100%/)
    terminal.interrupt()
    expect(await terminal.finished).toBe(130)
    expect(terminal.screen().join('\n')).toContain('evalscope: stopped before anything was measured')
    expect(standIn.isGone()).toBe(true)
  })

  test('after SIGTERM during the load, whose requests still end', async () => {
    const { standIn, running } = await start('--parallel 2 -n 5000')
    await standIn.untilLoaded()
    running.child.kill('SIGTERM')
    const { code, stdout } = await running.finished
    expect(code).toBe(143)
    expect(stdout).toMatch(/Total \/ Success \/ Failed +│ +(\d+) \/ \1 \/ 0 │/)
    expect(standIn.isGone()).toBe(true)
  })

  test('after SIGKILL of the tool', async () => {
    const { standIn, running } = await start('--parallel 2 -n 5000')
    await standIn.untilLoaded()
    running.child.kill('SIGKILL')
    expect(await running.finished).toMatchObject({ signal: 'SIGKILL' })
    await standIn.untilGone()
  })
})
