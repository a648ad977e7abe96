import { Arguments } from '../../src/arguments/arguments.ts'
import type { ArgumentsInput } from '../../src/arguments/arguments-input.ts'
import { explainSweep, planSweep, type SweepFacts } from '../../src/plan/sweep.ts'

/** An endpoint for chat messages. */
export const chatUrl = 'http://h:8000/v1/chat/completions'

/** That endpoint and a dataset without end. */
export const facts: SweepFacts = {
  url: chatUrl,
  model: 'm',
  api: {
    endpoints: ['/chat/completions', '/completions'],
    headers: key => (key === undefined ? {} : { Authorization: `Bearer ${key}` }),
  },
  dataset: {},
  env: {},
  cores: 1,
}

/** The runs that arguments ask for. */
export const plans = (input: ArgumentsInput, more: Partial<SweepFacts> = {}) => {
  const url = input.api === 'simulated' ? {} : { url: chatUrl }
  return planSweep(new Arguments({ ...url, ...input }), { ...facts, ...more })
}

/** The first of them. */
export const firstPlan = (input: ArgumentsInput, more: Partial<SweepFacts> = {}) => {
  const [plan] = plans(input, more)
  if (!plan) throw new Error('no plan')
  return plan
}

/** What is said of them. */
export const lines = (input: ArgumentsInput, more: Partial<SweepFacts> = {}) =>
  explainSweep(new Arguments({ url: chatUrl, ...input }), { ...facts, ...more })
