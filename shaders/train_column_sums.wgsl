// The sum of each column: what a bias learns. 16 columns and 16 shares of the rows to a workgroup.

override WIDTH: u32;

struct Params {
  rows: u32,
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> x: array<f32>; // [rows, WIDTH]
@group(0) @binding(2) var<storage, read_write> sums: array<f32>; // [WIDTH]

var<workgroup> shares: array<f32, 256>;

@compute @workgroup_size(256)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) lane: u32) {
  let column = group.x * 16u + lane % 16u;
  var sum = 0.0;
  if (column < WIDTH) {
    for (var row = lane / 16u; row < params.rows; row += 16u) { sum += x[row * WIDTH + column]; }
  }
  shares[lane] = sum;
  workgroupBarrier();
  if (lane >= 16u || column >= WIDTH) { return; }
  for (var share = 1u; share < 16u; share++) { sum += shares[share * 16u + lane]; }
  sums[column] = sum;
}
