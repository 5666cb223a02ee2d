// Rows to be normed by norm.wgsl: the token embedding of each id on the canvas.
// An embedding larger than one buffer binding is split by rows; each part answers for its own ids and leaves the rest.

override FIRST_ID: u32 = 0u;
override ID_COUNT: u32;

@group(0) @binding(1) var<storage, read> ids: array<u32>;

fn feature_pair(row: u32, p: u32) -> vec2f {
  let id = ids[row] - FIRST_ID;
  let pair = weight_pair(id / 4u, p);
  return vec2f(pair.even[id % 4u], pair.odd[id % 4u]) * row_scale(id / 4u)[id % 4u];
}

@compute @workgroup_size(LANES)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) lane: u32) {
  // Below FIRST_ID the difference wraps around to a huge number.
  if (ids[group.x] - FIRST_ID >= ID_COUNT) { return; }
  norm_row(group.x, lane);
}
