// The gradient of train_gate: with u activated and g the gate, du = dy g gelu'(u) and dg = dy gelu(u), where
// gelu'(u) = Φ(u) + u φ(u).

override WIDTH: u32;

@group(0) @binding(0) var<storage, read> x: array<f32>; // [rows, 2, WIDTH]
@group(0) @binding(1) var<storage, read> dy: array<f32>; // [rows, WIDTH]
@group(0) @binding(2) var<storage, read_write> dx: array<f32>;

/// Φ, the normal distribution: Abramowitz & Stegun 7.1.26, as in gelu.wgsl.
fn normal(x: f32) -> f32 {
  let t = 1.0 / (1.0 + 0.23164189 * abs(x));
  let series = t * (0.254829592 + t * (-0.284496736 + t * (1.421413741 + t * (-1.453152027 + t * 1.061405429))));
  let tail = 0.5 * series * exp(-0.5 * x * x);
  return select(tail, 1.0 - tail, x >= 0.0);
}

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u) {
  if (id.x >= WIDTH) { return; }
  let at = id.y * 2u * WIDTH + id.x;
  let u = x[at];
  let arriving = dy[id.y * WIDTH + id.x];
  let phi = normal(u);
  dx[at] = arriving * x[at + WIDTH] * (phi + u * 0.39894228 * exp(-0.5 * u * u));
  dx[at + WIDTH] = arriving * u * phi;
}
