// What a linear layer does with its product before it is stored. One of:
//   STORE     y = v
//   ROTARY    y = v, with queries and keys turned by their position (RoFormer, arXiv 2104.09864)
//   RESIDUAL  y = y + v, or norm(y) + v where the norm stands behind the sum (post-norm: BERT), and the moments of the new
//             y for the norm that follows
//   GATE      y = activation(u) · g, the gated linear unit (arXiv 2002.05202)
//   ACTIVATE  y = activation(v)
// The packing of the weights (src/engine/pack.ts) makes these local to a thread: the two halves of a rotary pair are
// neighbouring columns, and four columns of the gated layer are (u₀, u₁, g₀, g₁).

const STORE = 0u;
const ROTARY = 1u;
const RESIDUAL = 2u;
const GATE = 3u;
const ACTIVATE = 4u;

override EPILOGUE: u32 = STORE;
override N: u32;                   // output columns of the product, without padding
override Y_STRIDE: u32;            // elements from one row of y to the next
override PLACED: bool = false;     // a row of y stands at the row's place, beside those of other passes
override RENORM: bool = false;     // of RESIDUAL: the old y is normed
override HEAD: u32 = 4u;           // padded head size
override ROTARY_COLUMNS: u32 = 0u; // queries and keys stand before this column, values after it
override WRITE_HALF: u32 = 0u;     // of the entries of `stats`

@group(0) @binding(5) var<storage, read> turns: array<vec4f>; // [position, HEAD / 4]: cos, sin, cos, sin of two pairs
@group(0) @binding(7) var<storage, read_write> y: array<vec2f>;

const PIECE_THREADS = PIECE / 4u;

var<workgroup> shares: array<f32, TILE_SHARES>;

/// Applies the epilogue to four neighbouring columns, stores them and returns what was stored. `r`: row of the tile.
fn finish(product: vec4f, row: u32, r: u32, column: u32) -> vec4f {
  var v = product;
  if (row >= params.rows) { return v; }
  if (EPILOGUE == GATE) {
    if (column / 2u < Y_STRIDE) { y[row * (Y_STRIDE / 2u) + column / 4u] = activate(v.xy) * v.zw; }
    return v;
  }
  if (column >= Y_STRIDE) { return v; }
  var at = row * (Y_STRIDE / 2u) + column / 2u;
  if (PLACED) { at = rows[row].place * (Y_STRIDE / 2u) + column / 2u; }
  if (EPILOGUE == ROTARY && column < ROTARY_COLUMNS) {
    let turn = turns[rows[row].position * (HEAD / 4u) + (column % HEAD) / 4u];
    v = v * turn.xxzz + vec4f(-v.y, v.x, -v.w, v.z) * turn.yyww;
  }
  if (EPILOGUE == RESIDUAL) {
    var old = vec4f(y[at], y[at + 1u]);
    if (RENORM) { old = normed(old, r, column / 4u); }
    v += old;
  }
  if (EPILOGUE == ACTIVATE) { v = vec4f(activate(v.xy), activate(v.zw)); }
  y[at] = v.xy;
  y[at + 1u] = v.zw;
  return v;
}

/// Sum over the threads that share a piece of a row of the tile.
fn piece_total(r: u32, piece: u32) -> f32 {
  var sum = 0.0;
  for (var i = 0u; i < PIECE_THREADS; i++) { sum += shares[r * WX + piece * PIECE_THREADS + i]; }
  return sum;
}

/// Mean and squared deviations of each piece of this tile's rows, for `row_moments` of the next kernel.
fn leave_stats(values: ptr<function, array<vec4f, 8>>, row0: u32, column0: u32, local: vec3u) {
  let piece = local.x / PIECE_THREADS; // of the tile
  let begin = column0 + piece * PIECE; // its first column, which may lie behind the last
  let columns = f32(clamp(N - min(begin, N), 1u, PIECE));
  let column = column0 + 4u * local.x;
  let real = vec4u(column) + vec4u(0u, 1u, 2u, 3u) < vec4u(N);
  for (var i = 0u; i < ROWS; i++) {
    shares[(i * WY + local.y) * WX + local.x] = dot(select(vec4f(0.0), (*values)[i], real), vec4f(1.0));
  }
  workgroupBarrier();
  var means: array<f32, 8>;
  for (var i = 0u; i < ROWS; i++) { means[i] = piece_total(i * WY + local.y, piece) / columns; }
  workgroupBarrier();
  for (var i = 0u; i < ROWS; i++) {
    let d = select(vec4f(0.0), (*values)[i] - means[i], real);
    shares[(i * WY + local.y) * WX + local.x] = dot(d, d);
  }
  workgroupBarrier();
  if (local.x % PIECE_THREADS != 0u || begin >= N) { return; }
  let pieces = (N + PIECE - 1u) / PIECE;
  for (var i = 0u; i < ROWS; i++) {
    let r = i * WY + local.y;
    if (row0 + r < params.rows) {
      stats[2u * ((row0 + r) * pieces + begin / PIECE) + WRITE_HALF] = vec2f(means[i], piece_total(r, piece));
    }
  }
}
