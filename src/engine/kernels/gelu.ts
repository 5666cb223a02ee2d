/** The activation of every ModernBERT: gelu(x) = x · Φ(x), Φ the normal distribution (Hendrycks & Gimpel, arXiv 1606.08415). */

/** Exact to f64 rounding in the middle: Φ by its Taylor series near 0 and by a continued fraction in the tails. */
export function gelu(x: number): number {
  const z = Math.abs(x);
  const upper = z < 3 ? 0.5 + density(z) * series(z) : 1 - tail(z);
  return x >= 0 ? x * upper : x * (z < 3 ? 1 - upper : tail(z));
}

function density(z: number): number {
  return Math.exp(-0.5 * z * z) / Math.sqrt(2 * Math.PI);
}

/** Φ(z) − ½ = φ(z) (z + z³/3 + z⁵/(3·5) + …), Abramowitz & Stegun 26.2.11. */
function series(z: number): number {
  let term = z;
  let sum = z;
  for (let odd = 3; term > 1e-17 * sum; odd += 2) {
    term *= (z * z) / odd;
    sum += term;
  }
  return sum;
}

/** 1 − Φ(z) = φ(z) / (z + 1/(z + 2/(z + 3/(z + …)))), Abramowitz & Stegun 26.2.14. */
function tail(z: number): number {
  let fraction = z;
  for (let n = 150; n >= 1; n--) fraction = z + n / fraction;
  return density(z) / fraction;
}
