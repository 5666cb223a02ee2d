// Sums of squares of a gradient, one for each 32768 numbers.

struct Params {
  size: u32,
  first: u32, // where this buffer's sums begin
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> gradient: array<f32>;
@group(0) @binding(2) var<storage, read_write> sums: array<f32>;

var<workgroup> across: array<f32, 256>;

@compute @workgroup_size(256)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) lane: u32) {
  var sum = 0.0;
  for (var i = 0u; i < 128u; i++) {
    let at = group.x * 32768u + i * 256u + lane;
    if (at < params.size) { sum += gradient[at] * gradient[at]; }
  }
  across[lane] = sum;
  workgroupBarrier();
  for (var half = 128u; half > 0u; half /= 2u) {
    if (lane < half) { across[lane] += across[lane + half]; }
    workgroupBarrier();
  }
  if (lane == 0u) { sums[params.first + group.x] = across[0]; }
}
