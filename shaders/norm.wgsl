// Norm of one row per workgroup: y = (x − mean) / √(variance + ε) · weight + bias (Ba et al., arXiv 1607.06450), or, RMS,
// y = x / √(mean square + ε) · weight (arXiv 1910.07467). Where a row comes from is the business of `feature_pair`, which
// embed.wgsl reads from tables and norm_rows.wgsl from a buffer.
// The variance is summed about the mean, not as E[x²] − mean², which would lose digits when the mean is large.

override FEATURES: u32; // even
override STRIDE: u32;   // of weight, bias and y, in elements
override EPS: f32 = 1e-5;
override NORM: bool = true; // false: y = x
override RMS: bool = false;

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

fn moments(row: u32, lane: u32) -> vec2f {
  if (!NORM) { return vec2f(0.0, 1.0); }
  let pairs = FEATURES / 2u;
  var mean = 0.0;
  if (!RMS) {
    var sum = 0.0;
    for (var p = lane; p < pairs; p += LANES) {
      let x = feature_pair(row, p);
      sum += x.x + x.y;
    }
    mean = total(lane, sum) / f32(FEATURES);
  }
  var squares = 0.0;
  for (var p = lane; p < pairs; p += LANES) {
    let d = feature_pair(row, p) - mean;
    squares += dot(d, d);
  }
  return vec2f(mean, inverseSqrt(total(lane, squares) / f32(FEATURES) + EPS));
}

/// `row` is read, row `to` of y is written.
fn norm_row(row: u32, to: u32, lane: u32) {
  let m = moments(row, lane);
  for (var p = lane; p < FEATURES / 2u; p += LANES) {
    var v = feature_pair(row, p);
    if (NORM) { v = (v - m.x) * m.y * scale[p] + scale[STRIDE / 2u + p]; }
    y[to * (STRIDE / 2u) + p] = v;
  }
}
