// The decoder's product by way of a subgroup's registers: each thread reads one vector of each of SLOTS hidden rows, and
// the others get it by a shuffle. No barrier in the loop. The form for adapters that are a processor (matmul_subgroup).

@compute @workgroup_size(64)
fn main(
  @builtin(workgroup_id) group: vec3u,
  @builtin(local_invocation_index) lane: u32,
  @builtin(subgroup_invocation_id) me: u32,
  @builtin(subgroup_size) subgroup: u32,
) {
  hold_nf4(me, subgroup);
  var rows: array<vec2u, MOST_SLOTS>;
  var guidance: array<f32, MOST_SLOTS>;
  for (var s = 0u; s < SLOTS; s++) {
    rows[s] = rows_of(asked_at(group.x * SLOTS + s));
    guidance[s] = guidance_of(asked_at(group.x * SLOTS + s));
  }

  let width = min(subgroup, 64u); // a subgroup may be wider than the workgroup
  var sums: array<vec4f, MOST_SLOTS>;
  var mine: array<vec4f, MOST_SLOTS>;
  for (var k0 = 0u; k0 < K / 4u; k0 += width) {
    for (var s = 0u; s < SLOTS; s++) {
      mine[s] = hidden_row(rows[s], guidance[s], min(k0 + me, K / 4u - 1u));
    }
    for (var k = 0u; k < min(width, K / 4u - k0); k++) {
      let w = weight_four(group.y * QUADS + lane, k0 + k);
      for (var s = 0u; s < SLOTS; s++) {
        let h = subgroupShuffle(mine[s], k);
        var sum = sums[s];
        sum += h.x * w.a;
        sum += h.y * w.b;
        sum += h.z * w.c;
        sum += h.w * w.d;
        sums[s] = sum;
      }
    }
  }
  finish(&sums, group, lane);
}
