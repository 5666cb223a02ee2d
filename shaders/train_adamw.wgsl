// AdamW (arXiv 1711.05101) over a buffer that holds many parameters; adamw.ts is its reference. Nothing happens when the
// gradient's norm is not a finite number: its exponent is looked at, because WGSL may assume that there is no NaN.

struct Params {
  size: u32,
  decaying: u32, // so many numbers at the front decay
  keep: f32, // 1 − lr · decay
  beta1: f32,
  beta2: f32,
  eps: f32,
  step_size: f32, // lr / (1 − β1^t)
  root_correction: f32, // √(1 − β2^t)
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> gradient: array<f32>;
@group(0) @binding(2) var<storage, read> clip: array<f32>; // norm, factor
@group(0) @binding(3) var<storage, read_write> parameter: array<f32>;
@group(0) @binding(4) var<storage, read_write> first: array<f32>;
@group(0) @binding(5) var<storage, read_write> second: array<f32>;

@compute @workgroup_size(256)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) lane: u32) {
  if ((bitcast<u32>(clip[0]) & 0x7f800000u) == 0x7f800000u) { return; }
  for (var i = 0u; i < 16u; i++) {
    let at = group.x * 4096u + i * 256u + lane;
    if (at >= params.size) { return; }
    let g = clip[1] * gradient[at];
    let m = params.beta1 * first[at] + (1.0 - params.beta1) * g;
    let v = params.beta2 * second[at] + (1.0 - params.beta2) * g * g;
    first[at] = m;
    second[at] = v;
    let keep = select(1.0, params.keep, at < params.decaying);
    parameter[at] = keep * parameter[at] - params.step_size * m / (sqrt(v) / params.root_correction + params.eps);
  }
}
