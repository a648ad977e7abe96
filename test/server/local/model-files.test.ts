import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join, relative } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { ArgumentsError } from '../../../src/errors.ts'
import { checkDirectory, locateModel, onnxSibling } from '../../../src/server/local/model-files.ts'

let directory: string
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'evalscope-model-'))
})
afterEach(() => rmSync(directory, { recursive: true }))

const put = (...files: readonly string[]): void => {
  for (const file of files) {
    mkdirSync(dirname(join(directory, file)), { recursive: true })
    writeFileSync(join(directory, file), file.endsWith('.json') ? '{}' : 'weights')
  }
}

const messageOf = (work: () => unknown): string => {
  try {
    work()
  } catch (error) {
    expect(error).toBeInstanceOf(ArgumentsError)
    return (error as Error).message
  }
  throw new Error('nothing was thrown')
}

describe('what --model names', () => {
  test('a directory, by its absolute path, however it is written', () => {
    const expected = { directory }
    expect(locateModel(directory)).toEqual(expected)
    expect(locateModel(relative(process.cwd(), directory))).toEqual(expected)
  })

  test('an id of a hub', () => {
    expect(locateModel('Qwen/Qwen2.5-0.5B-Instruct')).toEqual({ hubId: 'Qwen/Qwen2.5-0.5B-Instruct' })
  })

  test.each(['gpt2', './nothing-here', '/nothing/here', 'a/b/c', '../x', 'a b'])('neither: %j', model => {
    expect(messageOf(() => locateModel(model))).toBe(
      `--model ${model} does not exist; give a directory with config.json and onnx/model.onnx, or an id like owner/name`,
    )
  })

  test('a file is not the model', () => {
    put('onnx/model.onnx')
    const file = join(directory, 'onnx/model.onnx')
    expect(messageOf(() => locateModel(file))).toBe(
      `--model ${file} is a file; give the directory that holds config.json`,
    )
  })
})

describe('the weights', () => {
  test.each<[files: string[], path: string, dtype: string]>([
    [['onnx/model.onnx', 'onnx/model_q4.onnx'], 'onnx/model.onnx', 'fp32'],
    [['onnx/model_fp16.onnx', 'onnx/model_quantized.onnx', 'onnx/model_q4.onnx'], 'onnx/model_q4.onnx', 'q4'],
    [['onnx/model_fp16.onnx', 'onnx/model_quantized.onnx'], 'onnx/model_quantized.onnx', 'q8'],
    [['onnx/model_q4f16.onnx'], 'onnx/model_q4f16.onnx', 'q4f16'],
    [['model.onnx'], 'model.onnx', 'fp32'],
    [['onnx/decoder_model_merged_quantized.onnx'], 'onnx/decoder_model_merged_quantized.onnx', 'q8'],
  ])('of %j the first is %s', (files, path, dtype) => {
    put('config.json', ...files)
    expect(checkDirectory('my', directory)).toMatchObject({ path, dtype })
  })

  test('are told to transformers.js in its own terms', () => {
    put('config.json', 'decoder_model_merged_int8.onnx')
    expect(checkDirectory('my', directory)).toEqual({
      path: 'decoder_model_merged_int8.onnx',
      subfolder: '',
      baseName: 'decoder_model_merged',
      dtype: 'int8',
    })
  })

  test('in other formats alone are named with what to try', () => {
    put('config.json', 'model.safetensors', 'onnx/encoder_model.onnx')
    expect(messageOf(() => checkDirectory('Qwen/Qwen2.5-0.5B-Instruct', directory))).toBe(
      '--model Qwen/Qwen2.5-0.5B-Instruct has no ONNX files, which --api local needs; ' +
        'try onnx-community/Qwen2.5-0.5B-Instruct, or a directory with onnx/model.onnx',
    )
    expect(onnxSibling('/data/models/mine')).toBe('onnx-community/Qwen2.5-0.5B-Instruct')
  })

  test('that git has not fetched are told so', () => {
    put('config.json', 'onnx/model.onnx')
    writeFileSync(join(directory, 'onnx/model.onnx'), 'version https://git-lfs.github.com/spec/v1\noid sha256:0\n')
    expect(messageOf(() => checkDirectory('my', directory))).toBe(
      'my/onnx/model.onnx is only a pointer to the file; fetch it with: git lfs pull',
    )
  })

  test('without a config, or with a broken one, are refused', () => {
    expect(messageOf(() => checkDirectory('my', directory))).toMatch(/^--model my holds no config\.json; give /)
    put('config.json')
    writeFileSync(join(directory, 'config.json'), '{"model_type": ')
    const file = join(directory, 'config.json')
    expect(messageOf(() => checkDirectory('my', directory))).toMatch(`${file} cannot be read (`)
    writeFileSync(file, '[]')
    expect(messageOf(() => checkDirectory('my', directory))).toBe(
      `${file} cannot be read (not an object); download the file again`,
    )
  })
})
