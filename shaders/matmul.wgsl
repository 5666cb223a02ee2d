// y = epilogue(norm(x) · Wᵀ + bias): every linear layer of the model.
//
// A workgroup of WX × WY threads computes a tile of TILE_ROWS × TILE_COLUMNS outputs, a thread ROWS × 4 of them in
// registers. How x and W reach the registers differs, and which way is fastest differs from card to card, so there are
// several forms of `main`, one per file: matmul_staged, matmul_plain, matmul_subgroup, matmul_half. They share this file.
//
// What follows the product is fused (epilogue.wgsl), and so is the layer norm before it: the kernel that wrote the
// residual stream left (mean, sum of squared deviations) of each piece of a row in `stats`; here the pieces are merged
// and x is normed while it is read.

override WX: u32 = 8u;
override WY: u32 = 8u;
override ROWS: u32 = 4u;   // per thread, at most 8
override TILE_ROWS: u32 = WY * ROWS;
override TILE_COLUMNS: u32 = WX * 4u;
override THREADS: u32 = WX * WY;
// Array sizes have names of their own: naga (Firefox, Deno) fails on expressions there.
override TILE_SHARES: u32 = TILE_ROWS * WX;

override NORM: bool = false;
override FEATURES: u32 = 1u; // K without padding: what the norm averages over
override EPS: f32 = 1e-5;
override PIECE: u32 = 64u;   // columns per entry of `stats`: the tile's width of the kernel that left them

struct Params {
  rows: u32,
  first: u32, // position of row 0 on the canvas
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> x: array<vec4f>;     // [rows, K]
@group(0) @binding(3) var<storage, read> bias: array<vec4f>;  // [N]
@group(0) @binding(4) var<storage, read> scale: array<vec4f>; // norm weight [K], then norm bias [K]
@group(0) @binding(6) var<storage, read_write> stats: array<vec2f>; // [rows, pieces]: mean, squared deviations

var<workgroup> moments: array<vec2f, TILE_ROWS>; // mean, 1 / standard deviation

/// Merges a row's pieces: its squared deviations are those inside the pieces plus those of the pieces' means.
fn row_moments(row: u32) -> vec2f {
  let pieces = (FEATURES + PIECE - 1u) / PIECE;
  var mean = 0.0;
  for (var i = 0u; i < pieces; i++) {
    mean += stats[row * pieces + i].x * f32(min(PIECE, FEATURES - i * PIECE));
  }
  mean /= f32(FEATURES);
  var squares = 0.0;
  for (var i = 0u; i < pieces; i++) {
    let piece = stats[row * pieces + i];
    let d = piece.x - mean;
    squares += piece.y + d * d * f32(min(PIECE, FEATURES - i * PIECE));
  }
  return vec2f(mean, inverseSqrt(squares / f32(FEATURES) + EPS));
}

/// To be called by all threads, before `load_x`.
fn prepare_moments(row0: u32, lane: u32) {
  if (!NORM) { return; }
  for (var r = lane; r < TILE_ROWS; r += THREADS) { moments[r] = row_moments(min(row0 + r, params.rows - 1u)); }
  workgroupBarrier();
}

/// Four neighbours along K of row r of the tile, normed.
fn load_x(row0: u32, r: u32, column: u32) -> vec4f {
  let value = x[min(row0 + r, params.rows - 1u) * (K / 4u) + column];
  if (!NORM) { return value; }
  return (value - moments[r].x) * moments[r].y * scale[column] + scale[K / 4u + column];
}

/// What all forms end with: `sums` are the products of rows i · WY + local.y and four columns.
fn store(sums: ptr<function, array<vec4f, 8>>, row0: u32, column0: u32, local: vec3u) {
  let column = column0 + 4u * local.x;
  let weight_scale = row_scale(column / 4u);
  for (var i = 0u; i < ROWS; i++) {
    (*sums)[i] = finish((*sums)[i] * weight_scale + bias[column / 4u], row0 + i * WY + local.y, column);
  }
  if (EPILOGUE == RESIDUAL) { leave_stats(sums, row0, column0, local); }
}
