// y = a · b, or y += a · b. y begins at `y_start`, and a row of it every `y_row` numbers.

override ADD: bool = false;

@group(0) @binding(3) var<storage, read_write> y: array<f32>;

@compute @workgroup_size(THREADS)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) lane: u32) {
  var sums = tile_product(group.y * TILE, group.x * TILE, lane);
  let row0 = group.y * TILE + SIDE * (lane / ACROSS);
  let column0 = group.x * TILE + SIDE * (lane % ACROSS);
  for (var i = 0u; i < SIDE; i++) {
    for (var j = 0u; j < SIDE; j++) {
      if (row0 + i >= params.rows || column0 + j >= params.columns) { continue; }
      let at = params.y_start + (row0 + i) * params.y_row + column0 + j;
      let sum = sums[i / 4u * (SIDE / 4u) + j / 4u][i % 4u][j % 4u];
      if (ADD) { y[at] += sum; } else { y[at] = sum; }
    }
  }
}
