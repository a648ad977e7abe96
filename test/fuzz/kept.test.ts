import { readFileSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import type { Api } from '../../src/apis/api.ts'
import { ollama } from '../../src/apis/ollama.ts'
import { openai } from '../../src/apis/openai.ts'
import { Arguments } from '../../src/arguments/arguments.ts'
import { runCommandLine } from '../../src/cli/commands.ts'
import { ArgumentsError, reasonOf, UserError } from '../../src/errors.ts'
import { runReport } from '../../src/report/run-report.ts'
import { png, writeTar } from '../datasets/image-files.ts'
import { handMade, planOf, someFindings } from '../report/results.ts'
import { createPlace, readDataset } from './dataset-place.ts'
import { type Delivery, decode, expectSound } from './decode.ts'

// What the fuzzing has found, each with the input that showed it.

const { put, root } = createPlace()

const delivery = (more: Partial<Delivery> = {}): Delivery => ({
  api: openai,
  status: 200,
  type: 'application/json',
  asksStream: true,
  saveResponses: 'full',
  isLost: false,
  ...more,
})

const deep = (levels: number): string => `${'['.repeat(levels)}${']'.repeat(levels)}`

describe('answers', () => {
  test.each([
    ['events', openai, 'text/event-stream', 'data: {"choices":[{"text":"é"}]}\n\ndata: [DONE]\n\n'],
    ['lines', ollama, 'application/x-ndjson', '{"response":"é"}\n{"response":"","done":true}\n'],
  ])('a read of nothing between the halves of a character leaves %s whole', (_, api, type, text) => {
    const bytes = Buffer.from(text)
    const at = bytes.indexOf(0xc3) + 1
    const pieces = [bytes.subarray(0, at), Buffer.alloc(0), bytes.subarray(at)]
    const given = delivery({ api, type })
    expect(decode(given, pieces).said.text).toBe('é')
    expect(decode(given, pieces)).toEqual(decode(given, [bytes]))
  })

  test('the words of an error of more than 64 KiB do not depend on how it comes', () => {
    const bytes = Buffer.from(`out of memory ${'x'.repeat(100_000)}`)
    const given = delivery({ status: 500, type: 'text/plain' })
    const { record } = decode(given, [bytes])
    expect(record.failure?.message).toMatch(/^HTTP 500: out of memory/)
    expect(decode(given, [bytes.subarray(0, 500), bytes.subarray(500)]).record.failure).toEqual(record.failure)
  })

  test.each([
    ['an error', 500, `{"error":${deep(20_000)}}`],
    ['a body', 200, `{"choices":[{"message":{"content":${deep(20_000)}}}]}`],
    ['a tool call', 200, `{"choices":[{"message":{"tool_calls":[{"function":{"name":"f"},"x":${deep(20_000)}}]}}]}`],
  ])('%s that nests 20 000 levels deep ends one request and no run', (_, status, text) => {
    const given = delivery({ status })
    const decoded = decode(given, [Buffer.from(text)])
    expect(decoded.record.failure).toBeDefined()
    expectSound(decoded, given)
  })
})

describe('plugins in plain JavaScript', () => {
  const plugin = (act: Api['readBody']): Api => ({ ...openai, readBody: act, readChunk: act })

  test.each<[string, Api['readBody'], string]>([
    ['a content that is none', () => 'banana' as 'answer', 'the API reads an answer as banana'],
    ['nothing', () => undefined as unknown as 'answer', 'the API reads an answer as undefined'],
    [
      'a text that is none',
      (_, draft) => {
        Object.assign(draft, { text: 5n })
        return 'answer'
      },
      'the API left a draft whose "text" is no text',
    ],
    [
      'tool calls that JSON has not',
      (_, draft) => {
        draft.toolCalls = [{ a: 5n as unknown as number }]
        return 'answer'
      },
      'the API left a draft whose "toolCalls" are no JSON',
    ],
    [
      'other answers that are none',
      (_, draft) => {
        Object.assign(draft, { otherChoices: [{ index: 1, text: 5, reasoning: '', toolCalls: [] }] })
        return 'answer'
      },
      'the API left a draft whose "text" is no text',
    ],
    [
      'other answers that are no list',
      (_, draft) => {
        Object.assign(draft, { otherChoices: 'two' })
        return 'answer'
      },
      'the API left a draft whose "otherChoices" are no list of drafts',
    ],
    [
      'an error without words',
      () => {
        throw Object.create(null)
      },
      'an error without words',
    ],
    [
      'tokens that are no number',
      (_, draft) => {
        Object.assign(draft, { outputTokens: Symbol('many'), finished: true })
        return 'choice'
      },
      'the answer ended without any output',
    ],
  ])('%s', (_, act, words) => {
    const given = delivery({ api: plugin(act) })
    const decoded = decode(given, [Buffer.from('{}')])
    expect(decoded.record.failure?.message).toContain(words)
    expectSound(decoded, given)
  })
})

describe('flags', () => {
  const mistake = (input: ConstructorParameters<typeof Arguments>[0]): string => {
    try {
      new Arguments({ api: 'simulated', ...input })
      return 'none'
    } catch (error) {
      return error instanceof ArgumentsError ? error.message : `${error}`
    }
  }

  test('a JSON flag holds what can be sent', () => {
    expect(mistake({ extraArgs: `{"a":${deep(5000)}}` })).toContain('--extra-args nests more than 200 levels deep')
    expect(mistake({ extraArgs: '{"a":1e999}' })).toContain('--extra-args holds a number that is too large')
    expect(mistake({ queryTemplate: `@${put('deep.json', `{"a":${deep(500)}}`)}` })).toContain('nests more than 200')
  })

  test('a prompt from an empty file is refused, as --from could not repeat it', () => {
    expect(mistake({ prompt: `@${put('empty.txt', '')}` })).toContain('the file is empty')
  })

  test('-0 is 0, which the file for --from can hold', () => {
    expect(new Arguments({ api: 'simulated', stopTokenIds: '-0' }).values.stopTokenIds).toEqual([0])
  })

  test('what is quoted of a command line is short, and nothing that a terminal obeys', async () => {
    const run = runCommandLine(['perf', `\u009b2J${'x'.repeat(100_000)}`], async () => 0)
    const { message } = (await run.catch((error: unknown) => error)) as Error
    expect(message.length).toBeLessThan(300)
    expect(message).not.toContain('\u009b')
    expect(new UserError('a\u001b[2J\nb\u202e').message).toBe('a b')
    expect(reasonOf(new Error('a\u0007\r\nb'))).toBe('a b')
  })
})

describe('files of datasets', () => {
  test.each(['-2000', '-10', 'zzz'])('an entry of a tar archive of size %s does not lead back', async size => {
    const path = join(root, 'back.tar')
    writeTar(path, [{ name: 'a.jpg', bytes: 'x' }])
    const bytes = readFileSync(path)
    bytes.fill(0, 124, 136).write(size, 124)
    bytes.write('        ', 148)
    const sum = bytes.subarray(0, 512).reduce((total, byte) => total + byte, 0)
    bytes.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148)
    put('back.tar', bytes)
    expect(await readDataset('flickr8k', path)).toEqual([])
  })

  test('a metadata.jsonl names no file outside of its directory, and none without end', async () => {
    const outside = put('outside.png', png('private'))
    put('images/inside.png', png('public'))
    symlinkSync('/dev/zero', join(root, 'images/endless.png'))
    const names = ['../outside.png', outside, 'x/../../outside.png', 'endless.png', '.', 'inside.png']
    put('images/metadata.jsonl', names.map(name => `${JSON.stringify({ file_name: name })}\n`).join(''))
    const read = await readDataset('kontext_bench', join(root, 'images'))
    expect(read).toHaveLength(1)
    expect(JSON.stringify(read)).toContain(png('public').toString('base64'))
  })

  test('a page of Parquet that leads back to itself', async () => {
    const table =
      '+EFSMRUGFYIFFVJcFQgVABUIFQAFBBUAAAADD78CJAEAAABhLAEAAGL+AQD+AQD+AQD+AQCqAQAkAQAAAGMBAAAAZBUGFSQVKFwVCBUAFQgVABUEFQAAAAMPEDwBAAAAAgAAAAMAAAAEAAAAFQYVPhU+XBUIFQAVCBUAFQQVAAAAAw8dHAMAAABbMV0CAQcEXQUBBigyLDNdAwAAAFs0XRUEGUxIBHJvb3QVBgAVDCUCGAhxdWVzdGlvbiUAABUCJQIYBm51bWJlcgAVDCUCGARsaXN0JSYAFggZHBk8JggcFQwZFQAZGAhxdWVzdGlvbhUCFggWrgUWfiYIPDYAKAFkGAFhABkcFQYVABUCAAAAJoYBHBUCGRUAGRgGbnVtYmVyFQIWCBZOFlImhgE8NgAoBAQAAAAYBAEAAAAAGRwVBhUAFQIAAAAm2AEcFQwZFQAZGARsaXN0FQIWCBZoFmgm2AE8NgAoAltdGANbMV0AGRwVBhUAFQIAAAAW5AYWCDa4AgAoCWh5cGFycXVldBk8HAAAHAAAHAAAAPwAAABQQVIx'
    expect(
      await readDataset('custom', put('case.parquet', Buffer.from(table, 'base64')), { field: 'question' }),
    ).toEqual([])
  })

  test.each([
    ['custom_multi_turn', 'jsonl', `[{"role":"user","content":${deep(20_000)}}]\n`],
    ['custom', 'json', `[${deep(20_000)}]`],
    ['share_gpt_en', 'jsonl', `{"conversation":${deep(20_000)}}\n`],
  ])('%s: what nests 20 000 levels deep is refused', async (name, ending, text) => {
    expect(await readDataset(name, put(`deep.${ending}`, text))).toEqual([])
  })
})

test('a request id with a line end, and a statement with an escape sequence, leave the report as it is', () => {
  const worst = (requestId: string) => ({ requestId, usage: 35, tokenizer: 14 })
  const report = (requestId: string, statement: string): string => {
    const { input } = someFindings
    const result = {
      ...handMade(planOf(1, 1), {}),
      tokens: { ...someFindings, input: input && { ...input, worst: worst(requestId) } },
      verdict: { level: undefined, reasons: [], statement },
    }
    return runReport(result, { dbPath: 'x', columns: undefined })
  }
  expect(report('a\n│ b │', 'cut\u001b[2J off')).toBe(report('a │ b │', 'cut off'))
})
