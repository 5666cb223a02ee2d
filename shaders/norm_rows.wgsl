// Rows to be normed by norm.wgsl: the rows of an activation buffer. The results stand where the decoder reads them.

@group(0) @binding(1) var<storage, read> x: array<vec2f>;
@group(0) @binding(5) var<storage, read> rows: array<Row>;

fn feature_pair(row: u32, p: u32) -> vec2f {
  return x[row * (STRIDE / 2u) + p];
}

@compute @workgroup_size(LANES)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) lane: u32) {
  norm_row(group.x, rows[group.x].hidden, lane);
}
