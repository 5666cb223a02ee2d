// What the kernels of attention in training share: the sizes, where queries, keys and values lie, and who sees whom
// (`Sees` of src/model/arch.ts). Before it stands one of train_head_64 and train_head_128: the numbers of a head.

override HEADS: u32; // of queries
override KEY_HEADS: u32; // each shared by HEADS / KEY_HEADS of queries
override HEAD: u32; // a multiple of 4
override SCALE: f32; // 1 / √HEAD
override PATTERN: u32; // 0 window, 1 blocks, 2 noisy and clean
override LEFT: u32 = 0u; // window: keys seen before the query …
override RIGHT: u32 = 0u; // … and after it
override BLOCK: u32 = 1u; // positions of a block
override WIDTH: u32 = HEAD / 4u;
override SHARED: u32 = HEADS / KEY_HEADS;
override STRIDE: u32 = (HEADS + 2u * KEY_HEADS) * WIDTH; // of a row of qkv
override TILE_SIZE: u32 = TILE * WIDTH;

struct Params {
  length: u32,
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> qkv: array<vec4f>; // [B·length, HEADS + 2 KEY_HEADS, HEAD], turned by position

fn block_end(position: u32) -> u32 { return position - position % BLOCK + BLOCK; }
fn block_begin(position: u32) -> u32 { return position - position % BLOCK; }

/// The keys that a query sees: from x up to y, and from z up to w.
fn keys_of(query: u32) -> vec4u { return keys_of_all(query, query); }

/// The queries that see a key.
fn queries_of(key: u32) -> vec4u { return queries_of_all(key, key); }

fn in_runs(position: u32, runs: vec4u) -> bool {
  return (position >= runs.x && position < runs.y) || (position >= runs.z && position < runs.w);
}

/// The keys that queries `first` to `last` see among them: these runs and nothing between them are visited. Noisy queries
/// see noisy keys of their own blocks and clean ones of those before; clean ones see clean ones up to their own block.
fn keys_of_all(first: u32, last: u32) -> vec4u {
  let length = params.length;
  if (PATTERN == 0u) { return vec4u(first - min(first, LEFT), min(last + RIGHT + 1u, length), 0u, 0u); }
  if (PATTERN == 1u) { return vec4u(0u, min(block_end(last), length), 0u, 0u); }
  let half = length / 2u;
  var runs = vec4u(0u, 0u, half, half);
  if (first < half) {
    let noisy = min(last, half - 1u);
    runs.x = block_begin(first);
    runs.y = min(block_end(noisy), half);
    runs.w = half + block_begin(noisy);
  }
  if (last >= half) { runs.w = max(runs.w, min(half + block_end(last - half), length)); }
  return runs;
}

/// The queries that see keys `first` to `last` among them.
fn queries_of_all(first: u32, last: u32) -> vec4u {
  let length = params.length;
  if (PATTERN == 0u) { return vec4u(first - min(first, RIGHT), min(last + LEFT + 1u, length), 0u, 0u); }
  if (PATTERN == 1u) { return vec4u(block_begin(first), length, 0u, 0u); }
  let half = length / 2u;
  if (last < half) { return vec4u(block_begin(first), min(block_end(last), half), 0u, 0u); }
  let clean = max(first, half) - half;
  let noisy = min(block_end(clean), half);
  let begin = select(noisy, min(noisy, block_begin(first)), first < half);
  return vec4u(begin, half, half + block_begin(clean), length);
}
