// What every product of training is told: how large it is, and where its operands lie.

struct Params {
  rows: u32,
  columns: u32,
  depth: u32,
  a_start: u32,
  a_row: u32,   // elements from one row of a to the next …
  a_depth: u32, // … and from one column to the next
  b_start: u32,
  b_depth: u32,
  b_column: u32,
  y_start: u32,
  y_row: u32,
}

@group(0) @binding(0) var<uniform> params: Params;
