// Multi-head attention with an online softmax (Milakov & Gimelshein, arXiv 1805.02867; FlashAttention, 2205.14135): no
// score outlives its tile, and no T × T matrix exists. A workgroup answers QUERIES queries of one head and walks over the
// keys in tiles. Query i sees keys i − LEFT … i + RIGHT: full, sliding and causal attention are only other bounds, and
// tiles outside them are never visited. Rotary position was applied when q and k were written. The queries may be some
// rows of the canvas only; the keys and values of the others are then those of an earlier pass.
//
// There are two forms of `main`, which share this file: attention_tiled and attention_plain.

override HEADS: u32;
override HEAD: u32;   // padded head size, a multiple of 4, at most 128
override X_STRIDE: u32; // elements from one row of q|k|v to the next
override Y_STRIDE: u32;
override SCALE: f32;  // 1 / √head size
override LEFT: u32;
override RIGHT: u32;
override QUERIES: u32 = 16u;
override WIDTH: u32 = HEAD / 4u;

const MASKED = -3e38;
const LOWEST = -1e30; // above MASKED, so that a masked score has weight exp(MASKED − LOWEST) = 0

struct Params {
  rows: u32,  // queries …
  first: u32, // … from this position on
  after: u32, // positions behind them
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> qkv: array<vec4f>; // [positions, 3, HEADS, HEAD]
@group(0) @binding(2) var<storage, read_write> y: array<vec4f>; // [rows, HEADS, HEAD]

fn positions() -> u32 { return params.first + params.rows + params.after; }

fn load(row: u32, part: u32, head: u32, column: u32) -> vec4f {
  return qkv[min(row, positions() - 1u) * (X_STRIDE / 4u) + (part * HEADS + head) * WIDTH + column];
}

/// Hides the keys that query `row` does not see among the four of a quad.
fn mask(score: vec4f, row: u32, key: vec4u) -> vec4f {
  let visible = (key < vec4u(positions())) & (key + LEFT >= vec4u(row)) & (key <= vec4u(row + RIGHT));
  return select(vec4f(MASKED), score, visible);
}
