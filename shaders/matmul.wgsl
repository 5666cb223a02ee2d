// y = epilogue(norm(x) · Wᵀ + bias): every linear layer of the model.
//
// A workgroup of WX × WY threads computes a tile of TILE_ROWS × TILE_COLUMNS outputs, a thread ROWS × 4 of them in
// registers. How x and W reach the registers differs, and which way is fastest differs from card to card, so there are
// several forms of `main`, one per file: matmul_staged, matmul_plain, matmul_subgroup, matmul_half. They share this file.
//
// What follows the product is fused (epilogue.wgsl), and so is the norm before it: the kernel that wrote the residual
// stream left (mean, sum of squared deviations) of each piece of a row in `stats`; here the pieces are merged and x is
// normed while it is read. Where norms stand behind the sums, the old stream is normed as it is added to; such kernels
// read one half of `stats` while they write the other.

override WX: u32 = 8u;
override WY: u32 = 8u;
override ROWS: u32 = 4u;   // per thread, at most 8
override TILE_ROWS: u32 = WY * ROWS;
override TILE_COLUMNS: u32 = WX * 4u;
override THREADS: u32 = WX * WY;
// Array sizes have names of their own: naga (Firefox, Deno) fails on expressions there.
override TILE_SHARES: u32 = TILE_ROWS * WX;

override NORM: bool = false; // x is normed while it is read
override RMS: bool = false;  // divided by the root of the mean square, and no mean taken away (arXiv 1910.07467)
override FEATURES: u32 = 1u; // what the norm averages over, without padding
override EPS: f32 = 1e-5;
override READ_HALF: u32 = 0u; // of the entries of `stats`

struct Params {
  rows: u32,
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> x: array<vec4f>;     // [rows, K]
@group(0) @binding(3) var<storage, read> bias: array<vec4f>;  // [N], and behind it what an adapter adds
@group(0) @binding(4) var<storage, read> scale: array<vec4f>; // norm weight, then norm bias, each padded as what it norms
@group(0) @binding(6) var<storage, read_write> stats: array<vec2f>; // [rows, pieces, 2 halves]: mean, squared deviations
@group(0) @binding(8) var<storage, read> rows: array<Row>;

/// Columns per entry of `stats`, the same for all forms and tiles, so that all of them give the same bits.
const PIECE = 32u;
override NORM_STRIDE: u32 = 32u; // FEATURES with padding

var<workgroup> moments: array<vec2f, TILE_ROWS>; // what is taken away, and what is multiplied by

/// Merges a row's pieces: its squared deviations are those inside the pieces plus those of the pieces' means.
fn row_moments(row: u32) -> vec2f {
  let pieces = (FEATURES + PIECE - 1u) / PIECE;
  var mean = 0.0;
  for (var i = 0u; i < pieces; i++) {
    mean += stats[2u * (row * pieces + i) + READ_HALF].x * f32(min(PIECE, FEATURES - i * PIECE));
  }
  mean /= f32(FEATURES);
  var squares = 0.0;
  for (var i = 0u; i < pieces; i++) {
    let piece = stats[2u * (row * pieces + i) + READ_HALF];
    let d = piece.x - mean;
    squares += piece.y + d * d * f32(min(PIECE, FEATURES - i * PIECE));
  }
  if (RMS) { return vec2f(0.0, inverseSqrt(squares / f32(FEATURES) + mean * mean + EPS)); }
  return vec2f(mean, inverseSqrt(squares / f32(FEATURES) + EPS));
}

/// To be called by all threads, before `load_x`.
fn prepare_moments(row0: u32, lane: u32) {
  if (!NORM && !RENORM) { return; }
  for (var r = lane; r < TILE_ROWS; r += THREADS) { moments[r] = row_moments(min(row0 + r, params.rows - 1u)); }
  workgroupBarrier();
}

/// Four neighbours of row r of the tile, normed.
fn normed(value: vec4f, r: u32, column: u32) -> vec4f {
  return (value - moments[r].x) * moments[r].y * scale[column] + scale[NORM_STRIDE / 4u + column];
}

/// Four neighbours along K of row r of the tile.
fn load_x(row0: u32, r: u32, column: u32) -> vec4f {
  let value = x[min(row0 + r, params.rows - 1u) * (K / 4u) + column];
  if (!NORM) { return value; }
  return normed(value, r, column);
}

// What an adapter adds (LoRA, arXiv 2106.09685): weight · t Bᵀ, t = x Aᵀ being the answer of another product. It is read
// from the buffer of the bias, in groups of four.
override RANK: u32 = 0u; // in fours; 0 without an adapter
override LOW_WEIGHT: u32 = 0u;
override LOW_B: u32 = 0u; // [4 RANK, columns]
override LOW_T: u32 = 0u; // [rows, T_STRIDE]
override T_STRIDE: u32 = 0u;
override LOW_COLUMNS: u32 = 0u;

fn low_rank(row: u32, column: u32) -> vec4f {
  var sum = vec4f(0.0);
  for (var r = 0u; r < RANK; r++) {
    let t = bias[LOW_T + min(row, params.rows - 1u) * T_STRIDE + r];
    let at = LOW_B + 4u * r * LOW_COLUMNS + column / 4u;
    sum += t.x * bias[at] + t.y * bias[at + LOW_COLUMNS] + t.z * bias[at + 2u * LOW_COLUMNS] + t.w * bias[at + 3u * LOW_COLUMNS];
  }
  return bias[LOW_WEIGHT].x * sum;
}

/// What all forms end with: `sums` are the products of rows i · WY + local.y and four columns.
fn store(sums: ptr<function, array<vec4f, 8>>, row0: u32, column0: u32, local: vec3u) {
  let column = column0 + 4u * local.x;
  let weight_scale = row_scale(column / 4u);
  for (var i = 0u; i < ROWS; i++) {
    let r = i * WY + local.y;
    var product = (*sums)[i] * weight_scale + bias[column / 4u];
    if (RANK > 0u) { product += low_rank(row0 + r, column); }
    (*sums)[i] = finish(product, row0 + r, r, column);
  }
  if (EPILOGUE == RESIDUAL) { leave_stats(sums, row0, column0, local); }
}
