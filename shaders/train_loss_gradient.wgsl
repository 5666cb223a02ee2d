// The gradient of the cross-entropies by the logits of some tokens, (softmax − one-hot) times what arrives at the row.
// Logits are computed again; `y_start` is what column 0 is in the vocabulary. The caller asks for so many tokens at a
// time that the answer stays small. A row of y ends in zeros where it is longer than there are tokens.

override BIAS: bool;

@group(0) @binding(3) var<storage, read> bias: array<f32>; // of the whole vocabulary, unless BIAS is false
@group(0) @binding(4) var<storage, read> targets: array<i32>;
@group(0) @binding(5) var<storage, read> log_sums: array<f32>;
@group(0) @binding(6) var<storage, read> arriving: array<f32>; // [rows]
@group(0) @binding(7) var<storage, read_write> y: array<f32>; // [rows, y_row]

@compute @workgroup_size(THREADS)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) lane: u32) {
  var logits = tile_product(group.y * TILE, group.x * TILE, lane);
  let row0 = group.y * TILE + SIDE * (lane / ACROSS);
  let column0 = group.x * TILE + SIDE * (lane % ACROSS);
  for (var i = 0u; i < SIDE; i++) {
    let row = row0 + i;
    if (row >= params.rows) { continue; }
    let target_id = targets[row];
    let log_sum = log_sums[row];
    let weight = arriving[row];
    for (var j = 0u; j < SIDE; j++) {
      let column = column0 + j;
      if (column >= params.y_row) { continue; }
      var gradient = 0.0;
      if (column < params.columns) {
        let token = params.y_start + column;
        var logit = logits[i / 4u * (SIDE / 4u) + j / 4u][i % 4u][j % 4u];
        if (BIAS) { logit += bias[token]; }
        gradient = (exp(logit - log_sum) - f32(target_id == i32(token))) * weight;
      }
      y[row * params.y_row + column] = gradient;
    }
  }
}
