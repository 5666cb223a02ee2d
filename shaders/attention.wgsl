// Multi-head attention with an online softmax (Milakov & Gimelshein, arXiv 1805.02867; FlashAttention, 2205.14135): no
// score outlives its tile, and no T × T matrix exists. A workgroup answers QUERIES queries of one head of one sequence
// and walks over the keys in tiles; tiles that none of its queries sees are never visited. Several heads may share one
// key and value (grouped queries, arXiv 2305.13245). What a query sees is a window around it, the blocks up to its own,
// or the training pattern of block diffusion (src/model/sees.ts). Rotary position was applied when q and k were written.
// The queries may be some rows of a sequence only; the keys and values of the others are then those of an earlier pass.
// Tiles of keys begin at multiples of their size, so that a query's answer has the same bits whoever stands beside it.
//
// There are two forms of `main`, which share this file: attention_tiled and attention_subgroup.

override HEADS: u32;
override KV_HEADS: u32;
override HEAD: u32;   // padded head size, a multiple of 4, at most 128
override X_STRIDE: u32; // elements from one row of q|k|v to the next
override Y_STRIDE: u32;
override SCALE: f32;  // 1 / √head size
override PATTERN: u32 = WINDOW;
override LEFT: u32;   // of a window: keys before the query …
override RIGHT: u32;  // … and behind it
override BLOCK: u32 = 1u; // of the other patterns: positions of a block
override QUERIES: u32 = 16u;
override WIDTH: u32 = HEAD / 4u;

const WINDOW = 0u;
const BLOCKS = 1u;
const NOISY_AND_CLEAN = 2u;

const MASKED = -3e38;
const LOWEST = -1e30; // above MASKED, so that a masked score has weight exp(MASKED − LOWEST) = 0

/// Rows of a pass that belong to one sequence.
struct Span {
  row0: u32,      // its first row in the pass …
  rows: u32,      // … and how many: queries …
  first: u32,     // … from this position of the sequence on
  positions: u32, // of the whole sequence
  place: u32,     // row of q|k|v that holds position 0
  block: u32,     // positions of a block, where the sequence is read by blocks whatever the pattern; else 0
  offset: u32,    // of the first block, if not 0
}

@group(0) @binding(0) var<storage, read> spans: array<Span>;
@group(0) @binding(1) var<storage, read> qkv: array<vec4f>; // [places, HEADS + 2 KV_HEADS, HEAD]
@group(0) @binding(2) var<storage, read_write> y: array<vec4f>; // [rows, HEADS, HEAD]

/// Offset in a row of the head's query (part 0), key (1) or value (2).
fn part_of(part: u32, head: u32) -> u32 {
  if (part == 0u) { return head * WIDTH; }
  return (HEADS + (part - 1u) * KV_HEADS + head / (HEADS / KV_HEADS)) * WIDTH;
}

/// `at`: `part_of`, plus the column.
fn load(span: Span, position: u32, at: u32) -> vec4f {
  return qkv[(span.place + min(position, span.positions - 1u)) * (X_STRIDE / 4u) + at];
}

fn block_end(position: u32) -> u32 { return position - position % BLOCK + BLOCK; }

/// Where the block of a position ends in a sequence that is read by blocks.
fn own_end(span: Span, position: u32) -> u32 {
  if (position < span.offset) { return span.offset; }
  let behind = position - span.offset;
  return span.offset + behind - behind % span.block + span.block;
}

/// Keys [x, y) and [z, w) are those that query `row` sees.
fn runs(span: Span, row: u32) -> vec4u {
  let end = span.positions;
  if (span.block > 0u) { return vec4u(0u, min(own_end(span, row), end), 0u, 0u); }
  if (PATTERN == WINDOW) { return vec4u(row - min(row, LEFT), min(row + RIGHT + 1u, end), 0u, 0u); }
  if (PATTERN == BLOCKS) { return vec4u(0u, min(block_end(row), end), 0u, 0u); }
  let half = end / 2u;
  if (row >= half) { return vec4u(half, min(end, half + block_end(row - half)), 0u, 0u); }
  let own = row - row % BLOCK;
  return vec4u(own, min(half, own + BLOCK), half, half + own);
}

/// The keys [x, y) and [z, w) that queries `begin` to `last` see among them; x and z begin tiles of `tile` keys, and no
/// tile lies in both.
fn reach(span: Span, begin: u32, last: u32, tile: u32) -> vec4u {
  let a = runs(span, begin);
  let b = runs(span, min(last, span.positions - 1u));
  if (PATTERN != NOISY_AND_CLEAN) { return vec4u(a.x / tile * tile, b.y, 0u, 0u); }
  let half = span.positions / 2u;
  if (begin >= half) { return vec4u(half / tile * tile, b.y, 0u, 0u); }
  // Noisy queries see their own blocks, and clean keys of those before; clean ones among them see more of these.
  let noisy = runs(span, min(last, half - 1u));
  let end = select(noisy.w, max(noisy.w, b.y), last >= half);
  let own = (noisy.y + tile - 1u) / tile * tile;
  return vec4u(a.x / tile * tile, noisy.y, max(own, half / tile * tile), end);
}

/// Hides the keys that query `row` does not see among the four of a quad.
fn mask(score: vec4f, span: Span, row: u32, key: vec4u) -> vec4f {
  if (PATTERN == WINDOW && span.block == 0u) {
    let near = (key < vec4u(span.positions)) & (key + LEFT >= vec4u(row)) & (key <= vec4u(row + RIGHT));
    return select(vec4f(MASKED), score, near);
  }
  let r = runs(span, row);
  let seen = ((key >= vec4u(r.x)) & (key < vec4u(r.y))) | ((key >= vec4u(r.z)) & (key < vec4u(r.w)));
  return select(vec4f(MASKED), score, seen);
}
