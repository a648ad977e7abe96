export interface Sample {
  readonly minute: number
  readonly [key: string]: number | undefined
}

export interface Judged {
  readonly first: number | undefined
  readonly last: number | undefined
  readonly slope: number | undefined
  readonly isFlat: boolean
}

export function slopePerMinute(minutes: readonly number[], values: readonly number[]): number | undefined

export function judge(
  samples: readonly Sample[],
  figure: {
    readonly key: string
    readonly label: string
    readonly unit: string
    readonly most: number
    readonly hasTeeth?: boolean
  },
): Judged
