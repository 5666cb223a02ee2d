// Logits of scored rows, a tile of 64 rows and 64 tokens at a time, never stored: of each row and tile the maximum and
// the sum of exponentials stay, and the logit of the row's target. a is the head's rows, b the decoder, turned.

override BIAS: bool;

@group(0) @binding(3) var<storage, read> bias: array<f32>; // [columns], unless BIAS is false
@group(0) @binding(4) var<storage, read> targets: array<i32>; // [rows]
@group(0) @binding(5) var<storage, read_write> parts: array<vec2f>; // [rows, tiles]: maximum, sum
@group(0) @binding(6) var<storage, read_write> hits: array<f32>; // [rows]

var<workgroup> across: array<f32, 1024>; // 64 rows, 16 threads each

@compute @workgroup_size(256)
fn main(
  @builtin(workgroup_id) group: vec3u,
  @builtin(num_workgroups) groups: vec3u,
  @builtin(local_invocation_index) lane: u32,
) {
  var logits = tile_product(group.y * TILE, group.x * TILE, lane);
  let r = 4u * (lane / 16u);
  let column0 = group.x * TILE + 4u * (lane % 16u);
  for (var i = 0u; i < 4u; i++) {
    let row = group.y * TILE + r + i;
    var most = -1e30;
    for (var j = 0u; j < 4u; j++) {
      let column = column0 + j;
      if (column >= params.columns) { continue; }
      if (BIAS) { logits[i][j] += bias[column]; }
      most = max(most, logits[i][j]);
      if (row < params.rows && targets[row] == i32(column)) { hits[row] = logits[i][j]; }
    }
    across[(r + i) * 16u + lane % 16u] = most;
  }
  workgroupBarrier();
  var highest: vec4f;
  for (var i = 0u; i < 4u; i++) {
    var most = -1e30;
    for (var t = 0u; t < 16u; t++) { most = max(most, across[(r + i) * 16u + t]); }
    highest[i] = most;
  }
  workgroupBarrier();
  for (var i = 0u; i < 4u; i++) {
    var sum = 0.0;
    for (var j = 0u; j < 4u; j++) {
      if (column0 + j < params.columns) { sum += exp(logits[i][j] - highest[i]); }
    }
    across[(r + i) * 16u + lane % 16u] = sum;
  }
  workgroupBarrier();
  if (lane % 16u != 0u) { return; }
  for (var i = 0u; i < 4u; i++) {
    let row = group.y * TILE + r + i;
    if (row >= params.rows) { continue; }
    var sum = 0.0;
    for (var t = 0u; t < 16u; t++) { sum += across[(r + i) * 16u + t]; }
    parts[row * groups.x + group.x] = vec2f(highest[i], sum);
  }
}
