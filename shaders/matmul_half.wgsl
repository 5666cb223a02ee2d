// The product in f16: as matmul_staged, but the operands stand in workgroup memory and are multiplied in f16, eight
// products at a time, and those sums are added up in f32. Half the traffic, and twice the rate where the card's f16 is
// twice as fast. Operands beyond f16 become its largest number.

override CHUNK: u32 = 32u; // divides K
override X_PITCH: u32 = CHUNK / 4u + 1u;
override TILE_X: u32 = TILE_ROWS * X_PITCH;
override TILE_W: u32 = CHUNK * WX;

var<workgroup> tile_x: array<vec4<f16>, TILE_X>;
var<workgroup> tile_w: array<vec4<f16>, TILE_W>;

fn half(v: vec4f) -> vec4<f16> {
  return vec4<f16>(clamp(v, vec4f(-65504.0), vec4f(65504.0)));
}

@compute @workgroup_size(WX, WY)
fn main(
  @builtin(workgroup_id) group: vec3u,
  @builtin(local_invocation_id) local: vec3u,
  @builtin(local_invocation_index) lane: u32,
) {
  let row0 = group.x * TILE_ROWS;
  let column0 = group.y * TILE_COLUMNS;
  prepare_moments(row0, lane);

  var sums: array<vec4f, 8>;
  for (var k0 = 0u; k0 < K; k0 += CHUNK) {
    for (var i = lane; i < TILE_ROWS * (CHUNK / 4u); i += THREADS) {
      let r = i / (CHUNK / 4u);
      let k = i % (CHUNK / 4u);
      tile_x[r * X_PITCH + k] = half(load_x(row0, r, k0 / 4u + k));
    }
    for (var i = lane; i < (CHUNK / 2u) * WX; i += THREADS) {
      let p = i / WX;
      let c = i % WX;
      let pair = weight_pair(column0 / 4u + c, k0 / 2u + p);
      tile_w[2u * p * WX + c] = half(pair.even);
      tile_w[(2u * p + 1u) * WX + c] = half(pair.odd);
    }
    workgroupBarrier();
    for (var k = 0u; k < CHUNK; k += 8u) {
      for (var i = 0u; i < ROWS; i++) {
        let a = tile_x[(i * WY + local.y) * X_PITCH + k / 4u];
        let b = tile_x[(i * WY + local.y) * X_PITCH + k / 4u + 1u];
        var eight = a.x * tile_w[k * WX + local.x];
        eight += a.y * tile_w[(k + 1u) * WX + local.x];
        eight += a.z * tile_w[(k + 2u) * WX + local.x];
        eight += a.w * tile_w[(k + 3u) * WX + local.x];
        eight += b.x * tile_w[(k + 4u) * WX + local.x];
        eight += b.y * tile_w[(k + 5u) * WX + local.x];
        eight += b.z * tile_w[(k + 6u) * WX + local.x];
        eight += b.w * tile_w[(k + 7u) * WX + local.x];
        sums[i] += vec4f(eight);
      }
    }
    workgroupBarrier();
  }
  store(&sums, row0, column0, local);
}
