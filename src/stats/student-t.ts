/** How often Student's t with so many degrees of freedom lies beyond ±`t`. */
export const beyondStudentT = (t: number, freedom: number): number => {
  if (t === Number.POSITIVE_INFINITY) return 0
  return incompleteBeta(freedom / (freedom + t * t), freedom / 2, 0.5)
}

/** The t beyond whose ± Student's t lies with this probability, by halving. */
export const studentT = (probability: number, freedom: number): number => {
  let [below, above] = [0, 1]
  while (beyondStudentT(above, freedom) > probability && above < 1e12) above *= 2
  // A double has no more places.
  for (let step = 0; step < 60; step++) {
    const middle = (below + above) / 2
    if (beyondStudentT(middle, freedom) > probability) below = middle
    else above = middle
  }
  return above
}

/** The regularised incomplete beta function I_x(a, b). */
const incompleteBeta = (x: number, a: number, b: number): number => {
  if (x <= 0) return 0
  if (x >= 1) return 1
  const logFront = a * Math.log(x) + b * Math.log1p(-x) - logBeta(a, b)
  // The continued fraction converges quickly only on this side of its middle.
  return x < (a + 1) / (a + b + 2)
    ? (Math.exp(logFront) * betaFraction(x, a, b)) / a
    : 1 - (Math.exp(logFront) * betaFraction(1 - x, b, a)) / b
}

/** Its continued fraction, from the front (Lentz's method). */
const betaFraction = (x: number, a: number, b: number): number => {
  const tiny = 1e-300
  const away = (value: number): number => (Math.abs(value) < tiny ? tiny : value)
  let d = 1 / away(1 - ((a + b) * x) / (a + 1))
  let [c, value] = [1, d]
  for (let m = 1; m <= 500; m++) {
    const even = (m * (b - m) * x) / ((a + 2 * m - 1) * (a + 2 * m))
    const odd = (-(a + m) * (a + b + m) * x) / ((a + 2 * m) * (a + 2 * m + 1))
    for (const part of [even, odd]) {
      d = 1 / away(1 + part * d)
      c = away(1 + part / c)
      value *= c * d
    }
    if (Math.abs(c * d - 1) < 1e-14) break
  }
  return value
}

const logBeta = (a: number, b: number): number => logGamma(a) + logGamma(b) - logGamma(a + b)

/** ln Γ(x) for x > 0: Stirling's series, after moving x to where it is exact. */
const logGamma = (x: number): number => {
  let [shifted, logProduct] = [x, 0]
  while (shifted < 12) logProduct += Math.log(shifted++)
  const inverse = 1 / (shifted * shifted)
  const series = (1 / 12 - inverse * (1 / 360 - inverse * (1 / 1260 - inverse / 1680))) / shifted
  return (shifted - 0.5) * Math.log(shifted) - shifted + Math.log(2 * Math.PI) / 2 + series - logProduct
}
