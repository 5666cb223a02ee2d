// One 64 × 64 tile of a matrix product, 4 × 4 of it in each of 256 threads, of operands that lie anywhere and have any
// size: by way of workgroup memory, one number at a time. The same sums as in train_product.wgsl.

const TILE = 64u;
const THREADS = 256u;
const SIDE = 4u;
const ACROSS = 16u;

const DEPTH = 8u;
const PITCH = 65u;

@group(0) @binding(1) var<storage, read> a: array<f32>;
@group(0) @binding(2) var<storage, read> b: array<f32>;

alias Tile = array<mat4x4f, 1>;

var<workgroup> left: array<f32, 520>; // DEPTH · PITCH
var<workgroup> right: array<f32, 520>;

/// Rows row0 + SIDE · (lane / ACROSS) + i, columns column0 + SIDE · (lane % ACROSS) + j.
fn tile_product(row0: u32, column0: u32, lane: u32) -> Tile {
  var sum: mat4x4f;
  let r = SIDE * (lane / ACROSS);
  let c = SIDE * (lane % ACROSS);
  for (var k0 = 0u; k0 < params.depth; k0 += DEPTH) {
    for (var i = lane; i < TILE * DEPTH; i += THREADS) {
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
  return Tile(sum);
}
