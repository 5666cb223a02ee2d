// Layer norm, one row per workgroup: y = (x − mean) / √(variance + ε) · weight + bias (Ba et al., arXiv 1607.06450).
// Where a row comes from is the business of `feature_pair`, which embed.wgsl reads from a table and norm_rows.wgsl from
// a buffer.
// The variance is summed about the mean, not as E[x²] − mean², which would lose digits when the mean is large.

override FEATURES: u32; // even
override STRIDE: u32;   // of weight, bias and y, in elements
override EPS: f32;

@group(0) @binding(3) var<storage, read> scale: array<vec2f>; // weight, then bias
@group(0) @binding(4) var<storage, read_write> y: array<vec2f>;

const LANES = 64u;
var<workgroup> partial: array<f32, LANES>;

/// Sum over the workgroup. 64 reads from workgroup memory cost less than six rounds of barriers.
fn total(lane: u32, value: f32) -> f32 {
  partial[lane] = value;
  workgroupBarrier();
  var sum = 0.0;
  for (var i = 0u; i < LANES; i++) { sum += partial[i]; }
  workgroupBarrier();
  return sum;
}

fn norm_row(row: u32, lane: u32) {
  let pairs = FEATURES / 2u;

  var sum = 0.0;
  for (var p = lane; p < pairs; p += LANES) {
    let x = feature_pair(row, p);
    sum += x.x + x.y;
  }
  let mean = total(lane, sum) / f32(FEATURES);

  var squares = 0.0;
  for (var p = lane; p < pairs; p += LANES) {
    let d = feature_pair(row, p) - mean;
    squares += dot(d, d);
  }
  let scaled = inverseSqrt(total(lane, squares) / f32(FEATURES) + EPS);

  for (var p = lane; p < pairs; p += LANES) {
    let normed = (feature_pair(row, p) - mean) * scaled;
    y[row * (STRIDE / 2u) + p] = normed * scale[p] + scale[STRIDE / 2u + p];
  }
}
