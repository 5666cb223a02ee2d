// Four places in the table of NF4 (weights.wgsl), whose sixteen numbers the threads of a subgroup hold: a shuffle by a
// register is a permutation on processors and most cards, where a table in memory is read lane by lane.

var<private> nf4_low: f32;  // number `me` of the table, or of its first half
var<private> nf4_high: f32; // of its second half
var<private> nf4_lanes: u32;

/// To be called by all threads first; workgroups of these kernels have sixteen threads or more.
fn hold_nf4(me: u32, lanes: u32) {
  if (DTYPE != NF4) { return; }
  nf4_lanes = lanes;
  nf4_low = NF4_TABLE[select(me % 8u, me % 16u, lanes >= 16u)];
  nf4_high = NF4_TABLE[8u + me % 8u];
}

fn from_lanes(value: f32, lanes: vec4u) -> vec4f {
  return vec4f(
    subgroupShuffle(value, lanes.x), subgroupShuffle(value, lanes.y),
    subgroupShuffle(value, lanes.z), subgroupShuffle(value, lanes.w),
  );
}

fn nf4_values(places: vec4u) -> vec4f {
  if (nf4_lanes >= 16u) { return from_lanes(nf4_low, places); }
  if (nf4_lanes == 8u) {
    let within = places & vec4u(7u);
    return select(from_lanes(nf4_low, within), from_lanes(nf4_high, within), places >= vec4u(8u));
  }
  return vec4f(NF4_TABLE[places.x], NF4_TABLE[places.y], NF4_TABLE[places.z], NF4_TABLE[places.w]);
}
