/**
 * Rounds on the decimal digits a number prints with, halves toward +∞: 2.675 → 2.68, 1.005 → 1.01, −1.5 → −1.
 * Exact for what fits a double at that scale, far beyond any figure here.
 */
export const roundHalfUp = (value: number, decimals: number): number => {
  if (!Number.isFinite(value)) return value
  // The exponent is moved in the text: 1.005 * 100 is 100.49999999999999, but '1.005e2' reads 100.5.
  return shifted(Math.round(shifted(value, decimals)), -decimals)
}

/** Plain decimal text without exponent, trailing zeros or "-0". */
export const decimalText = (value: number, decimals: number): string => {
  const fixed = roundHalfUp(value, decimals).toFixed(decimals)
  const trimmed = fixed.includes('.') ? fixed.replace(/\.?0+$/, '') : fixed
  return trimmed === '-0' ? '0' : trimmed
}

const shifted = (value: number, places: number): number => {
  const [mantissa, exponent = '0'] = String(value).split('e')
  return Number(`${mantissa}e${Number(exponent) + places}`)
}
