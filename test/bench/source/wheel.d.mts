export declare const createWheel: (settings: { readonly intervalMs: number; readonly pace: 'lockstep' | 'spread' }) => {
  readonly account: { readonly beats: number; readonly lateBeats: number; readonly worstLateMs: number }
  join: (readyMs: number, emit: () => boolean) => void
  stop: () => void
}
