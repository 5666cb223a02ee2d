// An activation and its slope.

override ACTIVATION: u32; // 0 gelu, 1 gelu-tanh, 2 silu, 3 relu

/// Φ, the normal distribution: Abramowitz & Stegun 7.1.26, as in gelu.wgsl.
fn normal(x: f32) -> f32 {
  let t = 1.0 / (1.0 + 0.23164189 * abs(x));
  let series = t * (0.254829592 + t * (-0.284496736 + t * (1.421413741 + t * (-1.453152027 + t * 1.061405429))));
  let tail = 0.5 * series * exp(-0.5 * x * x);
  return select(tail, 1.0 - tail, x >= 0.0);
}

/// f(u) and f'(u). Exponents of 80 and more are the same for f32, and would overflow.
fn activated(u: f32) -> vec2f {
  if (ACTIVATION == 3u) { return select(vec2f(), vec2f(u, 1.0), u > 0.0); }
  if (ACTIVATION == 2u) {
    let s = 1.0 / (1.0 + exp(min(-u, 80.0)));
    return vec2f(u * s, s * (1.0 + u * (1.0 - s)));
  }
  if (ACTIVATION == 1u) {
    // (1 + tanh z) / 2 is the logistic function of 2z.
    let z = 1.5957691 * (u + 0.044715 * u * u * u);
    let s = 1.0 / (1.0 + exp(clamp(-z, -80.0, 80.0)));
    return vec2f(u * s, s + u * s * (1.0 - s) * 1.5957691 * (1.0 + 0.134145 * u * u));
  }
  let phi = normal(u);
  return vec2f(u * phi, phi + u * 0.39894228 * exp(-0.5 * u * u));
}
