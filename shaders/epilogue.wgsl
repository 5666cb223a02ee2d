// What a linear layer does with its product before it is stored. One of:
//   STORE     y = v
//   ROTARY    y = v, with queries and keys turned by their position (RoFormer, arXiv 2104.09864); a row of y stands at
//             its position, so that keys and values of an earlier pass stay beside the new ones
//   RESIDUAL  y += v, and the moments of the new y for the norm that follows
//   GATE      y = gelu(u) · g, the gated linear unit (arXiv 2002.05202)
//   GELU      y = gelu(v)
// The packing of the weights (src/engine/pack.ts) makes these local to a thread: the two halves of a rotary pair are
// neighbouring columns, and four columns of the gated layer are (u₀, u₁, g₀, g₁).

const STORE = 0u;
const ROTARY = 1u;
const RESIDUAL = 2u;
const GATE = 3u;
const GELU = 4u;

override EPILOGUE: u32 = STORE;
override N: u32;                   // output columns of the product, without padding
override Y_STRIDE: u32;            // elements from one row of y to the next
override HEAD: u32 = 4u;           // padded head size
override ROTARY_COLUMNS: u32 = 0u; // queries and keys stand before this column, values after it

@group(0) @binding(5) var<storage, read> turns: array<vec4f>; // [position, HEAD / 4]: cos, sin, cos, sin of two pairs
@group(0) @binding(7) var<storage, read_write> y: array<vec2f>;

var<workgroup> shares: array<f32, TILE_SHARES>;

/// Applies the epilogue to four neighbouring columns, stores them and returns what was stored.
fn finish(product: vec4f, row: u32, column: u32) -> vec4f {
  var v = product;
  if (row >= params.rows) { return v; }
  if (EPILOGUE == GATE) {
    if (column / 2u < Y_STRIDE) { y[row * (Y_STRIDE / 2u) + column / 4u] = gelu(v.xy) * v.zw; }
    return v;
  }
  if (column >= Y_STRIDE) { return v; }
  let position = select(row, params.first + row, EPILOGUE == ROTARY);
  let at = position * (Y_STRIDE / 2u) + column / 2u;
  if (EPILOGUE == ROTARY && column < ROTARY_COLUMNS) {
    let turn = turns[position * (HEAD / 4u) + (column % HEAD) / 4u];
    v = v * turn.xxzz + vec4f(-v.y, v.x, -v.w, v.z) * turn.yyww;
  }
  if (EPILOGUE == RESIDUAL) { v += vec4f(y[at], y[at + 1u]); }
  if (EPILOGUE == GELU) { v = vec4f(gelu(v.xy), gelu(v.zw)); }
  y[at] = v.xy;
  y[at + 1u] = v.zw;
  return v;
}

/// Sum over the threads that share a row of the tile.
fn row_total(r: u32) -> f32 {
  var sum = 0.0;
  for (var i = 0u; i < WX; i++) { sum += shares[r * WX + i]; }
  return sum;
}

/// Mean and squared deviations of this tile's piece of every row, for `row_moments` of the next kernel.
fn leave_stats(values: ptr<function, array<vec4f, 8>>, row0: u32, column0: u32, local: vec3u) {
  let pieces = (N + TILE_COLUMNS - 1u) / TILE_COLUMNS;
  let columns = f32(min(TILE_COLUMNS, N - column0));
  let column = column0 + 4u * local.x;
  let real = vec4u(column) + vec4u(0u, 1u, 2u, 3u) < vec4u(N);
  for (var i = 0u; i < ROWS; i++) {
    shares[(i * WY + local.y) * WX + local.x] = dot(select(vec4f(0.0), (*values)[i], real), vec4f(1.0));
  }
  workgroupBarrier();
  var means: array<f32, 8>;
  for (var i = 0u; i < ROWS; i++) { means[i] = row_total(i * WY + local.y) / columns; }
  workgroupBarrier();
  for (var i = 0u; i < ROWS; i++) {
    let d = select(vec4f(0.0), (*values)[i] - means[i], real);
    shares[(i * WY + local.y) * WX + local.x] = dot(d, d);
  }
  workgroupBarrier();
  if (local.x != 0u) { return; }
  for (var i = 0u; i < ROWS; i++) {
    let r = i * WY + local.y;
    if (row0 + r < params.rows) { stats[(row0 + r) * pieces + column0 / TILE_COLUMNS] = vec2f(means[i], row_total(r)); }
  }
}
