import { expect } from 'vitest'
import { type AnswerCase, answerCase } from './answer-cases.ts'
import { decode, expectSound } from './decode.ts'
import { fuzz } from './fuzz.ts'
import { cutAt } from './hostile.ts'

fuzz<[AnswerCase]>('answers of servers', [answerCase], given => {
  const whole = decode(given, [given.bytes])
  expectSound(whole, given)
  const pieces = cutAt(given.bytes, given.cuts)
  expect(decode(given, pieces)).toEqual(whole)
  expectSound(decode(given, pieces, 10), given)
})
