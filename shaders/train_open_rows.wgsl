// Some rows of a packed table (weights.wgsl) into plain f32: what the tokens of a batch look up.

struct Params {
  first: u32, // row of the table at packed row 0 of this part
  rows: u32, // of this part
  count: u32,
  columns: u32,
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read_write> y: array<f32>; // [count, columns]
@group(0) @binding(3) var<storage, read> ids: array<i32>;

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) at: vec3u, @builtin(workgroup_id) group: vec3u) {
  let p = at.x;
  let n = group.y;
  if (p >= K / 2u || n >= params.count) { return; }
  let row = u32(ids[n]);
  if (row < params.first || row >= params.first + params.rows) { return; }
  let packed_row = row - params.first;
  let pair = weight_pair(packed_row / 4u, p);
  let scale = row_scale(packed_row / 4u)[packed_row % 4u];
  let k = 2u * p;
  if (k < params.columns) { y[n * params.columns + k] = pair.even[packed_row % 4u] * scale; }
  if (k + 1u < params.columns) { y[n * params.columns + k + 1u] = pair.odd[packed_row % 4u] * scale; }
}
