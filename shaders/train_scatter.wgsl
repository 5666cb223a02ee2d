// Adds rows of `values` that belong to one token id, in the order of their positions: one workgroup per id, so that no
// two threads add to one number and the sum is the same every time. The answer begins as zeros.

override WIDTH: u32;

@group(0) @binding(0) var<storage, read> ids: array<i32>; // [distinct], ascending
@group(0) @binding(1) var<storage, read> starts: array<i32>; // [distinct + 1] where an id's positions begin
@group(0) @binding(2) var<storage, read> positions: array<i32>; // rows of `values`, sorted by id
@group(0) @binding(3) var<storage, read> values: array<f32>; // [rows, WIDTH]
@group(0) @binding(4) var<storage, read_write> sums: array<f32>; // [table, WIDTH]

@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) lane: u32) {
  for (var column = lane; column < WIDTH; column += 64u) {
    var sum = 0.0;
    for (var i = starts[group.x]; i < starts[group.x + 1u]; i++) { sum += values[u32(positions[i]) * WIDTH + column]; }
    sums[u32(ids[group.x]) * WIDTH + column] = sum;
  }
}
