import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { environmentSecrets } from '../../src/arguments/known-secrets.ts'
import { gpuCount, type Launcher, shellText, vllmCommand } from '../../src/server/vllm/vllm-command.ts'
import { createLineMask, lastWords } from '../../src/server/vllm/vllm-log.ts'

describe('the command', () => {
  const served = { model: './my models/tiny', port: 8877, gpus: 4 }
  const settings = `--served-model-name './my models/tiny' --host 127.0.0.1 --port 8877 --max-model-len 32768 \
--gpu-memory-utilization 0.9 --tensor-parallel-size 4`

  test.each<[Launcher, string]>([
    [{ kind: 'program', path: '/opt/vllm' }, `/opt/vllm serve './my models/tiny' ${settings}`],
    [
      { kind: 'module', pythonPath: 'python3' },
      `python3 -m vllm.entrypoints.openai.api_server --model './my models/tiny' ${settings}`,
    ],
  ])('of %o, as a shell would take it', (launcher, text) => {
    expect(shellText(vllmCommand(launcher, served))).toBe(text)
  })

  test('quotes what a shell would not leave alone', () => {
    expect(shellText({ path: 'a/b-c_1.2', args: ["it's", '', '$HOME', 'x=1', '*'] })).toBe(
      `a/b-c_1.2 'it'\\''s' '' '$HOME' x=1 '*'`,
    )
  })
})

describe('the number of GPUs', () => {
  const two = 'GPU 0: A (UUID: GPU-1)\n  MIG 1g.5gb Device 0: (UUID: MIG-2)\nGPU 1: A (UUID: GPU-3)\n'
  test.each<[visible: string | undefined, listing: string | undefined, gpus: number]>([
    [undefined, undefined, 1],
    [undefined, two, 2],
    [undefined, 'No devices found.\n', 1],
    ['0', two, 1],
    ['0,2, 3', two, 3],
    ['GPU-1,MIG-2', undefined, 2],
    ['', two, 1],
    ['-1', two, 1],
    ['0,1,-1,2', two, 2],
    ['0,,1', two, 1],
  ])('with CUDA_VISIBLE_DEVICES %j and nvidia-smi saying %j is %i', (visible, listing, gpus) => {
    expect(gpuCount({ CUDA_VISIBLE_DEVICES: visible }, listing)).toBe(gpus)
  })
})

describe('the log', () => {
  const secret = 'hf_abcdefghij'

  test('is the same however its pieces are cut, but without secrets', () => {
    const part = fc.oneof(fc.constantFrom(secret, '\n', '\r', '\r\n', 'loading ', '50%'), fc.string({ maxLength: 5 }))
    fc.assert(
      fc.property(fc.array(part), fc.array(fc.nat(), { maxLength: 8 }), (parts, cuts) => {
        const text = parts.join('')
        const at = [...cuts.map(cut => cut % (text.length + 1)), text.length].sort((a, b) => a - b)
        let written = ''
        const mask = createLineMask([secret], line => {
          written += line
        })
        at.forEach((end, index) => {
          mask.add(text.slice(at[index - 1] ?? 0, end))
        })
        mask.end()
        expect(written).toBe(text.replaceAll(secret, '**********'))
      }),
    )
  })

  test('does not wait for the end of an endless line', () => {
    const lines: string[] = []
    const mask = createLineMask([], line => lines.push(line))
    mask.add('.'.repeat(100_000))
    expect(lines.join('')).toHaveLength(100_000)
  })

  test('hides what the environment holds under names of secrets, and no settings', () => {
    const env = {
      HF_TOKEN: 'hf_1234567',
      OPENAI_API_KEY: 'sk-1234567',
      AWS_SECRET_ACCESS_KEY: 'aws-1234567',
      PGPASSWORD: 'pg-1234567',
      TOKENIZERS_PARALLELISM: 'disabled-here',
      MY_TOKEN: 'no',
      KEYBOARD: 'qwertz-layout',
      UNSET_TOKEN: undefined,
    }
    expect(environmentSecrets(env)).toEqual(['hf_1234567', 'sk-1234567', 'aws-1234567', 'pg-1234567'])
  })

  const traceback = 'Traceback (most recent call last):\n  File "a.py", line 1, in b\n    raise c\n'
  test.each<[what: string, log: string, words: string]>([
    ['nothing', '', ''],
    ['its last lines', 'a\nb\n\n  c \n====\nd.\n', 'b | c | d'],
    [
      'a progress bar by its last state',
      'Loading: 0%\rLoading: 50%\rLoading: 100%',
      'Loading: 0% | Loading: 50% | Loading: 100%',
    ],
    [
      'the errors of its processes, each once, the cause first',
      `INFO 04-17 15:10:09 [a.py:1] fine
(EngineCore_DP0 pid=12) ERROR 04-17 15:10:09 [core.py:708] ${traceback}(EngineCore_DP0 pid=12) ERROR 04-17 15:10:09 [core.py:708] ValueError: no room
(EngineCore_DP0 pid=12) ValueError: no room
(APIServer pid=11) ${traceback}(APIServer pid=11) RuntimeError: Engine core failed. See above.
(APIServer pid=11) bye`,
      'ValueError: no room | RuntimeError: Engine core failed. See above',
    ],
    [
      'errors with their module',
      'x\ntorch.cuda.OutOfMemoryError: CUDA out of memory\ny',
      'torch.cuda.OutOfMemoryError: CUDA out of memory',
    ],
    [
      'refused arguments',
      'usage: vllm serve\nvllm serve: error: unrecognized arguments: --x\n',
      'vllm serve: error: unrecognized arguments: --x',
    ],
    ['colours as text', "\u001b[31mKeyError\u001b[0m: 'a'\n", "KeyError: 'a'"],
  ])('tells %s', (_, log, words) => {
    expect(lastWords(log)).toBe(words)
  })

  test('keeps its last words short', () => {
    expect(lastWords(`ValueError: ${'x'.repeat(5000)}\n`)).toHaveLength(302)
  })
})
