// The decoder's product by way of workgroup memory: 32 features of SLOTS hidden rows at a time, read by all threads.

var<workgroup> tile_h: array<vec4f, 64>;           // [SLOTS][8]: 32 features

@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) lane: u32) {
  let staged = asked_at(group.x * SLOTS + lane / 8u);
  let rows = rows_of(staged);
  let guidance = guidance_of(staged);

  var sums: array<vec4f, MOST_SLOTS>;
  for (var k0 = 0u; k0 < K; k0 += 32u) {
    if (lane < 8u * SLOTS) { tile_h[lane] = hidden_row(rows, guidance, k0 / 4u + lane % 8u); }
    workgroupBarrier();
    for (var k = 0u; k < 8u; k++) {
      let w = weight_four(group.y * QUADS + lane, k0 / 4u + k);
      for (var s = 0u; s < SLOTS; s++) {
        let h = tile_h[s * 8u + k];
        var sum = sums[s];
        sum += h.x * w.a;
        sum += h.y * w.b;
        sum += h.z * w.c;
        sum += h.w * w.d;
        sums[s] = sum;
      }
    }
    workgroupBarrier();
  }
  finish(&sums, group, lane);
}
