import { expect, test } from 'vitest'
import { Arguments } from '../../src/arguments/arguments.ts'
import type { ArgumentsInput } from '../../src/arguments/arguments-input.ts'
import { readyLimitMs } from '../../src/plan/target.ts'
import { chatUrl } from './plans.ts'

test.each<[given: ArgumentsInput, limitMs: number]>([
  [{}, 30_000],
  [{ connectTimeout: 2 }, 2000],
  [{ connectTimeout: 90 }, 30_000],
  [{ readTimeout: 3 }, 3000],
  [{ readyTimeout: 600 }, 600_000],
  [{ readyTimeout: 600, connectTimeout: 2 }, 600_000],
  [{ readyTimeout: 0.5, connectTimeout: 90 }, 500],
])('with %j a server that starts is waited for %i ms', (given, limitMs) => {
  expect(readyLimitMs(new Arguments({ url: chatUrl, ...given }).values)).toBe(limitMs)
})
