// One 64 × 64 tile of a matrix product, 4 × 4 of it in each of 256 threads. Offsets and strides say where the operands
// lie, so either may be turned or a part of a larger matrix. Sums run along the depth in order: the same every time.

const TILE = 64u;
const DEPTH = 16u;
const PITCH = 65u;

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
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> a: array<f32>;
@group(0) @binding(2) var<storage, read> b: array<f32>;

var<workgroup> left: array<f32, 1040>; // DEPTH · PITCH
var<workgroup> right: array<f32, 1040>;

/// Rows row0 + 4 · (lane / 16) + i, columns column0 + 4 · (lane % 16) + j.
fn tile_product(row0: u32, column0: u32, lane: u32) -> array<vec4f, 4> {
  var sum: array<vec4f, 4>;
  let r = 4u * (lane / 16u);
  let c = 4u * (lane % 16u);
  for (var k0 = 0u; k0 < params.depth; k0 += DEPTH) {
    for (var i = lane; i < TILE * DEPTH; i += 256u) {
      // Neighbouring threads read neighbouring words, whichever way the operand lies.
      let ka = select(i / TILE, i % DEPTH, params.a_depth == 1u);
      let row = select(i % TILE, i / DEPTH, params.a_depth == 1u);
      let kb = select(i / TILE, i % DEPTH, params.b_depth == 1u);
      let column = select(i % TILE, i / DEPTH, params.b_depth == 1u);
      var x = 0.0;
      if (row0 + row < params.rows && k0 + ka < params.depth) {
        x = a[params.a_start + (row0 + row) * params.a_row + (k0 + ka) * params.a_depth];
      }
      left[ka * PITCH + row] = x;
      var z = 0.0;
      if (column0 + column < params.columns && k0 + kb < params.depth) {
        z = b[params.b_start + (k0 + kb) * params.b_depth + (column0 + column) * params.b_column];
      }
      right[kb * PITCH + column] = z;
    }
    workgroupBarrier();
    for (var k = 0u; k < DEPTH; k++) {
      let at = k * PITCH;
      let z = vec4f(right[at + c], right[at + c + 1u], right[at + c + 2u], right[at + c + 3u]);
      sum[0] += left[at + r] * z;
      sum[1] += left[at + r + 1u] * z;
      sum[2] += left[at + r + 2u] * z;
      sum[3] += left[at + r + 3u] * z;
    }
    workgroupBarrier();
  }
  return sum;
}
