// Logits of scored rows, a tile of 64 rows and 64 tokens at a time, never stored: of each row and tile the maximum and
// the sum of exponentials stay, and the logit of the row's target. a is the head's rows, b the decoder, turned, or some of
// its tokens: `y_start` is what column 0 is in the vocabulary, `y_row` how many tiles the whole of it has.

override BIAS: bool;

@group(0) @binding(3) var<storage, read> bias: array<f32>; // of the whole vocabulary, unless BIAS is false
@group(0) @binding(4) var<storage, read> targets: array<i32>; // [rows]
@group(0) @binding(5) var<storage, read_write> parts: array<vec2f>; // [rows, tiles]: maximum, sum
@group(0) @binding(6) var<storage, read_write> hits: array<f32>; // [rows]

const SHARES = TILE * ACROSS;

var<workgroup> across: array<vec2f, SHARES>; // of each thread's part of a row: maximum, sum

@compute @workgroup_size(THREADS)
fn main(
  @builtin(workgroup_id) group: vec3u,
  @builtin(local_invocation_index) lane: u32,
) {
  var logits = tile_product(group.y * TILE, group.x * TILE, lane);
  let r = SIDE * (lane / ACROSS);
  let column0 = group.x * TILE + SIDE * (lane % ACROSS);
  for (var i = 0u; i < SIDE; i++) {
    let row = group.y * TILE + r + i;
    var most = -1e30;
    var mine: array<f32, SIDE>;
    for (var j = 0u; j < SIDE; j++) {
      let column = column0 + j;
      if (column >= params.columns) { continue; }
      mine[j] = logits[i / 4u * (SIDE / 4u) + j / 4u][i % 4u][j % 4u];
      if (BIAS) { mine[j] += bias[params.y_start + column]; }
      most = max(most, mine[j]);
      if (row < params.rows && targets[row] == i32(params.y_start + column)) { hits[row] = mine[j]; }
    }
    var sum = 0.0;
    for (var j = 0u; j < SIDE; j++) {
      if (column0 + j < params.columns) { sum += exp(mine[j] - most); }
    }
    across[(r + i) * ACROSS + lane % ACROSS] = vec2f(most, sum);
  }
  workgroupBarrier();
  for (var at = lane; at < TILE; at += THREADS) {
    let row = group.y * TILE + at;
    if (row >= params.rows) { continue; }
    var most = -1e30;
    for (var t = 0u; t < ACROSS; t++) { most = max(most, across[at * ACROSS + t].x); }
    var sum = 0.0;
    for (var t = 0u; t < ACROSS; t++) {
      let share = across[at * ACROSS + t];
      sum += share.y * exp(share.x - most);
    }
    parts[row * params.y_row + params.y_start / TILE + group.x] = vec2f(most, sum);
  }
}
