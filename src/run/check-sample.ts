import type { TokenFindings } from '../model/token-findings.ts'
import { TemplateCheck, UsageCheck } from '../stats/usage-check.ts'
import type { ItemCounts } from './count-item.ts'
import type { Counting } from './count-worker.ts'
import type { SampledRequest } from './request-sample.ts'

/** Some 0.1 s of counting, so that progress is seen. */
const batchSize = 50

/** What a sample of requests tells of the server's own counts, as far as counting goes; `onCounted` hears how far. */
export const checkSample = async (
  sample: readonly SampledRequest[],
  counting: Counting,
  onCounted: (requests: number) => void,
): Promise<Pick<TokenFindings, 'input' | 'output' | 'template' | 'unchecked'>> => {
  const checks = { input: new UsageCheck(), output: new UsageCheck(), template: new TemplateCheck() }
  const problems: string[] = []
  for (let start = 0; start < sample.length; start += batchSize) {
    const batch = sample.slice(start, start + batchSize)
    const counts = await counting.count(batch)
    if (counts === undefined) break
    for (const [position, request] of batch.entries()) {
      const found = counts[position] as ItemCounts
      compare(request, found, checks)
      // Of a request without the server's counts it is told already.
      const isCompared = request.inputTokens !== undefined || request.outputTokens !== undefined
      if (isCompared && found.problem !== undefined) problems.push(found.problem)
    }
    onCounted(batch.length)
  }
  const { input, output, template } = checks
  const [reason] = problems
  return {
    input: input.comparison,
    output: output.comparison,
    template: template.share,
    unchecked: reason === undefined ? undefined : { requests: problems.length, reason },
  }
}

interface Checks {
  readonly input: UsageCheck
  readonly output: UsageCheck
  readonly template: TemplateCheck
}

const compare = (request: SampledRequest, counts: ItemCounts, checks: Checks): void => {
  const { requestId, inputTokens, outputTokens } = request
  const { textTokens, answerTokens } = counts
  const promptTokens = counts.isPartialPrompt || counts.hasImages ? undefined : counts.promptTokens
  if (promptTokens !== undefined && textTokens !== undefined) checks.template.add(promptTokens, textTokens)
  if (promptTokens !== undefined && inputTokens !== undefined) {
    checks.input.add({ requestId, usage: inputTokens, tokenizer: promptTokens })
  }
  if (outputTokens !== undefined && answerTokens !== undefined) {
    checks.output.add({ requestId, usage: outputTokens, tokenizer: answerTokens })
  }
}
