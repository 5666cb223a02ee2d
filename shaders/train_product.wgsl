// One 64 × 64 tile of a matrix product from registers alone: 8 × 8 of it in each of 64 threads, as four matrices of
// 4 × 4, and the caches do the sharing (Nussbaum, "Optimizing a WebGPU matmul kernel"). No barrier, so it is also the
// form for a processor that plays a graphics card. Sums run along the depth in order: the same every time.
//
// Operands are read four numbers at a time, so starts and pitches are multiples of 4. A straight operand lies row by row
// as it is multiplied, a turned one column by column. Where a straight `a` is no multiple of 4 deep, zeros follow.
// train_product_any.wgsl does without all that.

override A_TURNED: bool = false;
override B_TURNED: bool = false;

const TILE = 64u;
const THREADS = 64u;
const SIDE = 8u; // rows and columns of a thread …
const ACROSS = 8u; // … and threads to a row of the tile

@group(0) @binding(1) var<storage, read> a: array<vec4f>;
@group(0) @binding(2) var<storage, read> b: array<vec4f>;

alias Tile = array<mat4x4f, 4>; // in each matrix, column i is row i of the product

/// Columns i of the answer are rows row + i of a, four numbers from k on.
fn load_a(row: u32, k: u32) -> mat4x4f {
  if (A_TURNED) {
    let at = (params.a_start + min(row, (params.rows - 1u) & ~3u)) / 4u;
    let pitch = params.a_depth / 4u;
    let last = params.depth - 1u;
    return transpose(mat4x4f(
      a[at + min(k, last) * pitch],
      select(vec4f(), a[at + min(k + 1u, last) * pitch], k + 1u <= last),
      select(vec4f(), a[at + min(k + 2u, last) * pitch], k + 2u <= last),
      select(vec4f(), a[at + min(k + 3u, last) * pitch], k + 3u <= last),
    ));
  }
  let at = (params.a_start + k) / 4u;
  let pitch = params.a_row / 4u;
  let last = params.rows - 1u;
  return mat4x4f(
    a[at + min(row, last) * pitch],
    a[at + min(row + 1u, last) * pitch],
    a[at + min(row + 2u, last) * pitch],
    a[at + min(row + 3u, last) * pitch],
  );
}

/// Columns q of the answer are rows k + q of b, four numbers from `column` on.
fn load_b(column: u32, k: u32) -> mat4x4f {
  if (B_TURNED) {
    let at = (params.b_start + k) / 4u;
    let pitch = params.b_column / 4u;
    let last = params.columns - 1u;
    return transpose(mat4x4f(
      b[at + min(column, last) * pitch],
      b[at + min(column + 1u, last) * pitch],
      b[at + min(column + 2u, last) * pitch],
      b[at + min(column + 3u, last) * pitch],
    ));
  }
  let at = (params.b_start + min(column, (params.columns - 1u) & ~3u)) / 4u;
  let pitch = params.b_depth / 4u;
  let last = params.depth - 1u;
  return mat4x4f(
    b[at + min(k, last) * pitch],
    b[at + min(k + 1u, last) * pitch],
    b[at + min(k + 2u, last) * pitch],
    b[at + min(k + 3u, last) * pitch],
  );
}

/// Rows row0 + SIDE · (lane / ACROSS) + i, columns column0 + SIDE · (lane % ACROSS) + j.
fn tile_product(row0: u32, column0: u32, lane: u32) -> Tile {
  let row = row0 + SIDE * (lane / ACROSS);
  let column = column0 + SIDE * (lane % ACROSS);
  var upper_left: mat4x4f;
  var upper_right: mat4x4f;
  var lower_left: mat4x4f;
  var lower_right: mat4x4f;
  for (var k = 0u; k < params.depth; k += 4u) {
    let upper = load_a(row, k);
    let lower = load_a(row + 4u, k);
    let left = load_b(column, k);
    let right = load_b(column + 4u, k);
    upper_left += left * upper;
    upper_right += right * upper;
    lower_left += left * lower;
    lower_right += right * lower;
  }
  return Tile(upper_left, upper_right, lower_left, lower_right);
}
