// Rows to be normed by norm.wgsl: the token embedding of each row's id, and where networks have them a learned embedding
// of its position and the first of the token types (BERT's "sentence A").
// An embedding larger than one buffer binding is split by rows; each part answers for its own ids and leaves the rest.

override FIRST_ID: u32 = 0u;
override ID_COUNT: u32;
override POSITIONS: bool = false;
override POSITION_OFFSET: u32 = 0u; // row of the table that position 0 reads
override TOKEN_TYPES: bool = false;
override STATS: bool = false; // leave moments for the norm that follows, as shaders/epilogue.wgsl does

@group(0) @binding(1) var<storage, read> rows: array<Row>;
@group(0) @binding(5) var<storage, read> position_table: array<f32>; // panels of F32, as weights.wgsl has them
@group(0) @binding(6) var<storage, read> type_table: array<f32>;     // the same
@group(0) @binding(7) var<storage, read_write> stats: array<vec2f>;

const PANEL = 64u;
const PIECE_PAIRS = 16u;

fn panel_at(row: u32, p: u32) -> u32 {
  return (row / PANEL * K + 2u * p) * PANEL + row % PANEL;
}

fn feature_pair(row: u32, p: u32) -> vec2f {
  let id = rows[row].id - FIRST_ID;
  let pair = weight_pair(id / 4u, p);
  var v = vec2f(pair.even[id % 4u], pair.odd[id % 4u]) * row_scale(id / 4u)[id % 4u];
  if (TOKEN_TYPES) {
    let at = panel_at(0u, p);
    v += vec2f(type_table[at], type_table[at + PANEL]);
  }
  if (POSITIONS) {
    let at = panel_at(rows[row].position + POSITION_OFFSET, p);
    v += vec2f(position_table[at], position_table[at + PANEL]);
  }
  return v;
}

/// Mean and squared deviations of each piece of 32 columns of the row that was just written, a piece per lane.
fn leave_stats(row: u32, lane: u32) {
  storageBarrier();
  let pairs = FEATURES / 2u;
  let pieces = (pairs + PIECE_PAIRS - 1u) / PIECE_PAIRS;
  for (var piece = lane; piece < pieces; piece += LANES) {
    let begin = piece * PIECE_PAIRS;
    let to = min(begin + PIECE_PAIRS, pairs);
    var sum = vec2f(0.0);
    for (var p = begin; p < to; p++) { sum += y[row * (STRIDE / 2u) + p]; }
    let mean = (sum.x + sum.y) / f32(2u * (to - begin));
    var squares = 0.0;
    for (var p = begin; p < to; p++) {
      let d = y[row * (STRIDE / 2u) + p] - mean;
      squares += dot(d, d);
    }
    stats[2u * (row * pieces + piece)] = vec2f(mean, squares);
  }
}

@compute @workgroup_size(LANES)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) lane: u32) {
  // Below FIRST_ID the difference wraps around to a huge number.
  if (rows[group.x].id - FIRST_ID >= ID_COUNT) { return; }
  norm_row(group.x, group.x, lane);
  if (STATS) { leave_stats(group.x, lane); }
}
