// The product by way of workgroup memory: x and W pass through it in chunks along K, so each value is fetched once per
// tile. The form for cards whose caches are slow beside their arithmetic, and for many rows.

override CHUNK: u32 = 32u; // divides K
override X_PITCH: u32 = CHUNK / 4u + 1u; // one vec4 of padding keeps rows out of each other's memory banks
override TILE_X: u32 = TILE_ROWS * X_PITCH;
override TILE_W: u32 = CHUNK * WX;

var<workgroup> tile_x: array<vec4f, TILE_X>; // four neighbours along K
var<workgroup> tile_w: array<vec4f, TILE_W>; // four neighbours along N

fn stage_x(row0: u32, k0: u32, lane: u32) {
  for (var i = lane; i < TILE_ROWS * (CHUNK / 4u); i += THREADS) {
    let r = i / (CHUNK / 4u);
    let k = i % (CHUNK / 4u);
    tile_x[r * X_PITCH + k] = load_x(row0, r, k0 / 4u + k);
  }
}

fn stage_w(column0: u32, k0: u32, lane: u32) {
  if (DTYPE == I4 || DTYPE == NF4) { // fours share a word and a scale
    for (var i = lane; i < (CHUNK / 4u) * WX; i += THREADS) {
      let q = i / WX;
      let c = i % WX;
      let four = weight_four(column0 / 4u + c, k0 / 4u + q);
      tile_w[4u * q * WX + c] = four.a;
      tile_w[(4u * q + 1u) * WX + c] = four.b;
      tile_w[(4u * q + 2u) * WX + c] = four.c;
      tile_w[(4u * q + 3u) * WX + c] = four.d;
    }
    return;
  }
  for (var i = lane; i < (CHUNK / 2u) * WX; i += THREADS) {
    let p = i / WX;
    let c = i % WX;
    let pair = weight_pair(column0 / 4u + c, k0 / 2u + p);
    tile_w[2u * p * WX + c] = pair.even;
    tile_w[(2u * p + 1u) * WX + c] = pair.odd;
  }
}

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
  for (var k0 = 0u; k0 < K; k0 += CHUNK) {
    stage_x(row0, k0, lane);
    stage_w(column0, k0, lane);
    workgroupBarrier();
    for (var k = 0u; k < CHUNK / 4u; k++) {
      let w0 = tile_w[(4u * k) * WX + local.x];
      let w1 = tile_w[(4u * k + 1u) * WX + local.x];
      let w2 = tile_w[(4u * k + 2u) * WX + local.x];
      let w3 = tile_w[(4u * k + 3u) * WX + local.x];
      for (var i = 0u; i < ROWS; i++) {
        let a = tile_x[(i * WY + local.y) * X_PITCH + k];
        var sum = sums[i];
        sum += a.x * w0;
        sum += a.y * w1;
        sum += a.z * w2;
        sum += a.w * w3;
        sums[i] = sum;
      }
    }
    workgroupBarrier();
  }

  store(&sums, row0, column0, local);
}
