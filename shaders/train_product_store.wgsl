// y = a · b, or y += a · b. y has `columns` columns and begins at `y_start`.

override ADD: bool = false;

@group(0) @binding(3) var<storage, read_write> y: array<f32>;

@compute @workgroup_size(256)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) lane: u32) {
  var sum = tile_product(group.y * TILE, group.x * TILE, lane);
  let row0 = group.y * TILE + 4u * (lane / 16u);
  let column0 = group.x * TILE + 4u * (lane % 16u);
  for (var i = 0u; i < 4u; i++) {
    for (var j = 0u; j < 4u; j++) {
      if (row0 + i >= params.rows || column0 + j >= params.columns) { continue; }
      let at = params.y_start + (row0 + i) * params.columns + column0 + j;
      if (ADD) { y[at] += sum[i][j]; } else { y[at] = sum[i][j]; }
    }
  }
}
