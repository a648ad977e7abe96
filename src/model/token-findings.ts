/** How the server's usage compares with the tokenizer, over requests that both counted. */
export interface UsageComparison {
  readonly requests: number
  readonly meanUsage: number
  readonly meanTokenizer: number
  /** (Σ usage − Σ tokenizer) / Σ tokenizer; undefined where the tokenizer counts nothing. */
  readonly differencePercent: number | undefined
  /** Usage − tokenizer, where it is the same in every one of several requests. */
  readonly constantDifference: number | undefined
  /** Undefined where both agree in every request. */
  readonly worst: ComparedRequest | undefined
}

/** One request that both counted. */
export interface ComparedRequest {
  readonly requestId: string
  readonly usage: number
  readonly tokenizer: number
}

/** What the chat template adds to prompts, over requests whose prompt is chat messages. */
export interface TemplateShare {
  readonly requests: number
  readonly meanPromptTokens: number
  /** Of the messages' text alone. */
  readonly meanTextTokens: number
}

/** What a tokenizer found after a run, beside the counts that it put into records. */
export interface TokenFindings {
  /** These three over all requests or, where they are many, a sample; undefined where there is nothing to compare. */
  readonly input: UsageComparison | undefined
  readonly output: UsageComparison | undefined
  readonly template: TemplateShare | undefined
  /** Successes whose prompt the tokenizer counted while the server counted the answer. */
  readonly countedPrompts: number
  /** Of the prompts that the tokenizer counted, those with images, whose tokens are an estimate. */
  readonly estimatedPrompts: number
  /** Those with tools or their like, of which nothing is counted. */
  readonly partialPrompts: number
  /** Successes that it was to count and did not, and why; 0 where it failed at comparing alone. */
  readonly uncounted: { readonly requests: number; readonly reason: string } | undefined
  /** Requests that were to be compared and could not be read, and why the first could not. */
  readonly unchecked?: { readonly requests: number; readonly reason: string } | undefined
}
