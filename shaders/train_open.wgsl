// Packed weights (weights.wgsl) into plain f32, for a trainer that keeps its base in few bits and opens one matrix at a time.
// A thread opens two columns of four neighbouring packed rows.

override ROW_ORDER: bool = false;
override COLUMN_ORDER: bool = false;
override TURNED: bool = false; // y is [columns, rows]

struct Params {
  skip: u32, // quads of packed rows in this part that are left out,
  quads: u32, // and where they end
  first: i32, // row of y at packed row 0, where rows keep their order
  rows: u32, // of y as stored
  columns: u32,
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read_write> y: array<f32>;
@group(0) @binding(3) var<storage, read> row_order: array<i32>;
@group(0) @binding(4) var<storage, read> column_order: array<i32>;

fn put(row: i32, packed_column: u32, value: f32) {
  var column = i32(packed_column);
  if (COLUMN_ORDER) {
    if (packed_column >= arrayLength(&column_order)) { return; }
    column = column_order[packed_column];
  }
  if (row < 0 || column < 0 || u32(row) >= params.rows || u32(column) >= params.columns) { return; }
  if (TURNED) { y[u32(column) * params.rows + u32(row)] = value; } else { y[u32(row) * params.columns + u32(column)] = value; }
}

@compute @workgroup_size(16, 4)
fn main(@builtin(global_invocation_id) at: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let quad = params.skip + at.x + at.z * groups.x * 16u;
  let p = at.y;
  if (quad >= params.quads || p >= K / 2u) { return; }
  let pair = weight_pair(quad, p);
  let scale = row_scale(quad);
  for (var i = 0u; i < 4u; i++) {
    let packed_row = 4u * quad + i;
    var row = params.first + i32(packed_row);
    if (ROW_ORDER) {
      if (packed_row >= arrayLength(&row_order)) { continue; }
      row = row_order[packed_row];
    }
    put(row, 2u * p, pair.even[i] * scale[i]);
    put(row, 2u * p + 1u, pair.odd[i] * scale[i]);
  }
}
