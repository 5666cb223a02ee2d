// The gradient of the cross-entropies by the logits of some tokens, (softmax − one-hot) times what arrives at the row.
// Logits are computed again; `y_start` is what column 0 is in the vocabulary. The caller asks for so many tokens at a
// time that the answer stays small.

override BIAS: bool;

@group(0) @binding(3) var<storage, read> bias: array<f32>; // of the whole vocabulary, unless BIAS is false
@group(0) @binding(4) var<storage, read> targets: array<i32>;
@group(0) @binding(5) var<storage, read> log_sums: array<f32>;
@group(0) @binding(6) var<storage, read> arriving: array<f32>; // [rows]
@group(0) @binding(7) var<storage, read_write> y: array<f32>; // [rows, columns]

@compute @workgroup_size(256)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) lane: u32) {
  var logits = tile_product(group.y * TILE, group.x * TILE, lane);
  let row0 = group.y * TILE + 4u * (lane / 16u);
  let column0 = group.x * TILE + 4u * (lane % 16u);
  let token0 = params.y_start + column0;
  for (var i = 0u; i < 4u; i++) {
    let row = row0 + i;
    if (row >= params.rows) { continue; }
    for (var j = 0u; j < 4u; j++) {
      if (column0 + j >= params.columns) { continue; }
      var logit = logits[i][j];
      if (BIAS) { logit += bias[token0 + j]; }
      let hit = f32(targets[row] == i32(token0 + j));
      y[row * params.columns + column0 + j] = (exp(logit - log_sums[row]) - hit) * arriving[row];
    }
  }
}
