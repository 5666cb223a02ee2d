// y = epilogue(norm(x) · Wᵀ + bias): every linear layer of the model.
//
// A workgroup of WX × WY threads computes a tile of TILE_ROWS × TILE_COLUMNS outputs, a thread ROWS × 4 of them in
// registers. x and W pass through workgroup memory in chunks along K, so each value is fetched once per tile.
// What follows the product is fused (epilogue.wgsl), and so is the layer norm before it: the kernel that wrote the
// residual stream left (mean, sum of squared deviations) of each piece of a row in `stats`; here the pieces are merged
// and x is normed while it is staged.

override WX: u32 = 8u;
override WY: u32 = 8u;
override ROWS: u32 = 4u;   // per thread, at most 8
override CHUNK: u32 = 32u; // divides K
override TILE_ROWS: u32 = WY * ROWS;
override TILE_COLUMNS: u32 = WX * 4u;
override THREADS: u32 = WX * WY;
override X_PITCH: u32 = CHUNK / 4u + 1u; // one vec4 of padding keeps rows out of each other's memory banks
// Array sizes have names of their own: naga (Firefox, Deno) fails on expressions there.
override TILE_X: u32 = TILE_ROWS * X_PITCH;
override TILE_W: u32 = CHUNK * WX;
override TILE_SHARES: u32 = TILE_ROWS * WX;

override NORM: bool = false;
override FEATURES: u32 = 1u; // K without padding: what the norm averages over
override EPS: f32 = 1e-5;

struct Params {
  rows: u32,
  first: u32, // position of row 0 on the canvas
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> x: array<vec4f>;     // [rows, K]
@group(0) @binding(3) var<storage, read> bias: array<vec4f>;  // [N]
@group(0) @binding(4) var<storage, read> scale: array<vec4f>; // norm weight [K], then norm bias [K]
@group(0) @binding(6) var<storage, read_write> stats: array<vec2f>; // [rows, pieces]: mean, squared deviations

var<workgroup> tile_x: array<vec4f, TILE_X>;     // four neighbours along K
var<workgroup> tile_w: array<vec4f, TILE_W>;     // four neighbours along N
var<workgroup> moments: array<vec2f, TILE_ROWS>; // mean, 1 / standard deviation

/// Merges a row's pieces: its squared deviations are those inside the pieces plus those of the pieces' means.
fn row_moments(row: u32) -> vec2f {
  let pieces = (FEATURES + TILE_COLUMNS - 1u) / TILE_COLUMNS;
  var mean = 0.0;
  for (var i = 0u; i < pieces; i++) {
    mean += stats[row * pieces + i].x * f32(min(TILE_COLUMNS, FEATURES - i * TILE_COLUMNS));
  }
  mean /= f32(FEATURES);
  var squares = 0.0;
  for (var i = 0u; i < pieces; i++) {
    let piece = stats[row * pieces + i];
    let d = piece.x - mean;
    squares += piece.y + d * d * f32(min(TILE_COLUMNS, FEATURES - i * TILE_COLUMNS));
  }
  return vec2f(mean, inverseSqrt(squares / f32(FEATURES) + EPS));
}

fn stage_x(row0: u32, k0: u32, lane: u32) {
  for (var i = lane; i < TILE_ROWS * (CHUNK / 4u); i += THREADS) {
    let r = i / (CHUNK / 4u);
    let k = i % (CHUNK / 4u);
    let column = k0 / 4u + k;
    var value = x[min(row0 + r, params.rows - 1u) * (K / 4u) + column];
    if (NORM) {
      value = (value - moments[r].x) * moments[r].y * scale[column] + scale[K / 4u + column];
    }
    tile_x[r * X_PITCH + k] = value;
  }
}

fn stage_w(column0: u32, k0: u32, lane: u32) {
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
  if (NORM) {
    for (var r = lane; r < TILE_ROWS; r += THREADS) { moments[r] = row_moments(min(row0 + r, params.rows - 1u)); }
    workgroupBarrier();
  }

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

  let column = column0 + 4u * local.x;
  let weight_scale = row_scale(column / 4u);
  for (var i = 0u; i < ROWS; i++) {
    let r = i * WY + local.y;
    sums[i] = finish(sums[i] * weight_scale + bias[column / 4u], row0 + r, column);
  }
  if (EPILOGUE == RESIDUAL) { leave_stats(&sums, row0, column0, local); }
}
