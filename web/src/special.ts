/** Functions that Math lacks: as accurate as chainrule/algebra/special.py. */

const TWO_OVER_ROOT_PI = 2 / Math.sqrt(Math.PI);

/** 1/(1 + e^-z). */
export const logistic = (z: number): number => 1 / (1 + Math.exp(-z));

/** ln(1 + e^z), without overflow. */
export const softplus = (z: number): number => Math.max(z, 0) + Math.log1p(Math.exp(-Math.abs(z)));

/** The error function: its power series near 0, the continued fraction of erfc farther out; to about 1e-15. */
export function erf(x: number): number {
  const size = Math.abs(x);
  if (!(size < 6)) return Number.isNaN(x) ? x : Math.sign(x); // erf(6) differs from 1 by 2e-17
  return Math.sign(x) * (size < 2.5 ? series(size) : 1 - fraction(size));
}

/** 2/sqrt(pi) e^(-x^2) times the sum of 2^n x^(2n+1) / (2n+1)!!, whose terms are all positive: nothing cancels. */
function series(x: number): number {
  let term = x;
  let sum = x;
  for (let n = 1; term > sum / 1e17; n++) {
    term *= (2 * x * x) / (2 * n + 1);
    sum += term;
  }
  return TWO_OVER_ROOT_PI * Math.exp(-x * x) * sum;
}

/** erfc(x) = e^(-x^2)/sqrt(pi) / (x + (1/2)/(x + (2/2)/(x + (3/2)/(x + ...)))), from the inside out. */
function fraction(x: number): number {
  let inner = x;
  for (let n = 60; n > 0; n--) inner = x + n / 2 / inner;
  return (TWO_OVER_ROOT_PI / 2) * Math.exp(-x * x) / inner;
}
