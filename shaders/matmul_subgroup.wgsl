// The product by way of a subgroup's registers: its threads own neighbouring columns of the same rows (WY is 1), each
// reads one vector of x per row, and the others get it by a shuffle. No workgroup memory and no barrier in the loop.
// The form for cards whose shuffles are register reads, such as Intel's (ONNX Runtime keeps one for them).

@compute @workgroup_size(WX, WY)
fn main(
  @builtin(workgroup_id) group: vec3u,
  @builtin(local_invocation_id) local: vec3u,
  @builtin(local_invocation_index) lane: u32,
  @builtin(subgroup_invocation_id) me: u32,
  @builtin(subgroup_size) subgroup: u32,
) {
  let row0 = group.x * TILE_ROWS;
  let column0 = group.y * TILE_COLUMNS;
  hold_nf4(me, subgroup);
  prepare_moments(row0, lane);

  let width = min(subgroup, WX); // a subgroup may be wider than the workgroup
  var sums: array<vec4f, 8>;
  var mine: array<vec4f, 8>;
  for (var k0 = 0u; k0 < K / 4u; k0 += width) {
    for (var i = 0u; i < ROWS; i++) { mine[i] = load_x(row0, i, min(k0 + me, K / 4u - 1u)); }
    for (var k = 0u; k < min(width, K / 4u - k0); k++) {
      let w = weight_four(column0 / 4u + local.x, k0 + k);
      for (var i = 0u; i < ROWS; i++) {
        let v = subgroupShuffle(mine[i], k);
        var sum = sums[i];
        sum += v.x * w.a;
        sum += v.y * w.b;
        sum += v.z * w.c;
        sum += v.w * w.d;
        sums[i] = sum;
      }
    }
  }
  store(&sums, row0, column0, local);
}
