// The product from registers alone: each thread reads what it needs, and the caches do the sharing. No barrier in the
// loop, so it is the form for few rows, and for cards with good caches (Nussbaum, "Optimizing a WebGPU matmul kernel").

@compute @workgroup_size(WX, WY)
fn main(
  @builtin(workgroup_id) group: vec3u, // x counts row tiles, so that neighbouring workgroups share weights in cache
  @builtin(local_invocation_id) local: vec3u,
  @builtin(local_invocation_index) lane: u32,
) {
  let row0 = group.x * TILE_ROWS;
  let column0 = group.y * TILE_COLUMNS;
  prepare_moments(row0, lane);

  var sums: array<vec4f, 8>;
  for (var k = 0u; k < K / 4u; k++) {
    let w = weight_four(column0 / 4u + local.x, k);
    for (var i = 0u; i < ROWS; i++) {
      let v = load_x(row0, i * WY + local.y, k);
      var sum = sums[i];
      sum += v.x * w.a;
      sum += v.y * w.b;
      sum += v.z * w.c;
      sum += v.w * w.d;
      sums[i] = sum;
    }
  }
  store(&sums, row0, column0, local);
}
