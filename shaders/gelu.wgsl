// gelu(x) = x · Φ(x), with the exact normal distribution Φ (not the tanh approximation).
//
// Φ comes from Abramowitz & Stegun 7.1.26: for x ≥ 0, 1 − Φ(x) = ½ (a₁t + … + a₅t⁵) e^(−x²/2) with
// t = 1 / (1 + p·x/√2); absolute error of Φ below 7.5e-8. Computing the tail, not its complement, keeps gelu(x) for
// x ≪ 0 free of cancellation.

fn gelu(x: vec2f) -> vec2f {
  let t = 1.0 / (1.0 + 0.23164189 * abs(x)); // p/√2, p = 0.3275911
  let series = t * (0.254829592 + t * (-0.284496736 + t * (1.421413741 + t * (-1.453152027 + t * 1.061405429))));
  let tail = 0.5 * series * exp(-0.5 * x * x);
  return x * select(tail, 1.0 - tail, x >= vec2f(0.0));
}
