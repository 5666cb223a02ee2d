// Four places in the table of NF4 (weights.wgsl), looked up one by one.

fn nf4_values(places: vec4u) -> vec4f {
  return vec4f(NF4_TABLE[places.x], NF4_TABLE[places.y], NF4_TABLE[places.z], NF4_TABLE[places.w]);
}
