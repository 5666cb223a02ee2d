// The norm of a whole gradient from its sums of squares, and what it is multiplied by so that it is no longer than CLIP
// (torch.nn.utils.clip_grad_norm_).

struct Params {
  sums: u32,
  clip: f32, // 0 lets every gradient through
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> sums: array<f32>;
@group(0) @binding(2) var<storage, read_write> answer: array<f32>; // norm, factor

var<workgroup> across: array<f32, 256>;

@compute @workgroup_size(256)
fn main(@builtin(local_invocation_index) lane: u32) {
  var sum = 0.0;
  for (var i = lane; i < params.sums; i += 256u) { sum += sums[i]; }
  across[lane] = sum;
  workgroupBarrier();
  for (var half = 128u; half > 0u; half /= 2u) {
    if (lane < half) { across[lane] += across[lane + half]; }
    workgroupBarrier();
  }
  if (lane > 0u) { return; }
  let norm = sqrt(across[0]);
  answer[0] = norm;
  answer[1] = select(1.0, min(1.0, params.clip / (norm + 1e-6)), params.clip > 0.0);
}
