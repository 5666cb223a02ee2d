// Layer norm, or RMS norm (arXiv 1910.07467), without a bias, one workgroup per row; mean and 1/σ stay for the way back.

override WIDTH: u32;
override EPS: f32;
override CENTRED: bool; // a layer norm; the others have no mean

@group(0) @binding(0) var<storage, read> x: array<f32>; // [rows, WIDTH]
@group(0) @binding(1) var<storage, read> scale: array<f32>; // [WIDTH]
@group(0) @binding(2) var<storage, read_write> y: array<f32>;
@group(0) @binding(3) var<storage, read_write> moments: array<vec2f>; // [rows]: mean, 1/σ

var<workgroup> across: array<f32, 64>;

fn total(value: f32, lane: u32) -> f32 {
  across[lane] = value;
  workgroupBarrier();
  for (var half = 32u; half > 0u; half /= 2u) {
    if (lane < half) { across[lane] += across[lane + half]; }
    workgroupBarrier();
  }
  let sum = across[0];
  workgroupBarrier();
  return sum;
}

@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) lane: u32) {
  // One line of 32768 rows after the other.
  let row = group.x + group.y * 32768u;
  if (row >= arrayLength(&moments)) { return; }
  let start = row * WIDTH;
  var mean = 0.0;
  if (CENTRED) {
    var sum = 0.0;
    for (var c = lane; c < WIDTH; c += 64u) { sum += x[start + c]; }
    mean = total(sum, lane) / f32(WIDTH);
  }
  var squares = 0.0;
  for (var c = lane; c < WIDTH; c += 64u) { squares += (x[start + c] - mean) * (x[start + c] - mean); }
  let inverse = inverseSqrt(total(squares, lane) / f32(WIDTH) + EPS);
  for (var c = lane; c < WIDTH; c += 64u) { y[start + c] = (x[start + c] - mean) * inverse * scale[c]; }
  if (lane == 0u) { moments[row] = vec2f(mean, inverse); }
}
