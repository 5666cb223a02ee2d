// Weights that lie on the card already, as the trainer keeps them, into the panels that the kernels read (weights.wgsl):
// src/engine/pack.ts says the same for weights that come from a file. One workgroup writes one column of a panel. A
// vector is a matrix of one column without padding.

override ROW_ORDER: bool = false;
override COLUMN_ORDER: bool = false;

const PANEL = 64u;

struct Params {
  start: u32, // of the source, where its tensor begins
  row_step: u32, // elements from one stored row to the next …
  column_step: u32, // … and from one stored column to the next
  first: u32, // stored row at packed row 0, where rows keep their order
  rows: u32,
  stride: u32, // packed columns with padding
  packed_start: u32,
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> source: array<f32>;
@group(0) @binding(2) var<storage, read> row_order: array<i32>; // −1 for zeros, which stand there already
@group(0) @binding(3) var<storage, read> column_order: array<i32>;
@group(0) @binding(4) var<storage, read_write> packed: array<f32>;

@compute @workgroup_size(PANEL)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) lane: u32) {
  let row = group.y * PANEL + lane;
  if (row >= params.rows) { return; }
  var from_row = i32(params.first + row);
  if (ROW_ORDER) { from_row = row_order[row]; }
  var from_column = i32(group.x);
  if (COLUMN_ORDER) { from_column = column_order[group.x]; }
  if (from_row < 0 || from_column < 0) { return; }
  let value = source[params.start + u32(from_row) * params.row_step + u32(from_column) * params.column_step];
  packed[params.packed_start + (group.y * params.stride + group.x) * PANEL + lane] = value;
}
