// What decode.wgsl tells merge.wgsl about one tile of the vocabulary, and what both take from the request.

struct Request {
  top_k: u32,
  first: u32, // first of the asked slots that this dispatch answers …
  count: u32, // … and how many
  guided: u32, // 1 where any of them is
}

/// A slot that is asked, of any sequence.
struct Asked {
  key: vec2u,       // of its step's noise
  slot: u32,        // counter of the noise
  temperature: f32,
  conditional: u32, // row of `hidden`
  unconditional: u32, // the same of the canvas without what was given …
  guidance: f32,    // … and how far away from it; 0 = none
}

struct Candidate {
  logit: f32,
  id: u32,
}

struct Draw {
  noisy: f32, // largest logit + temperature · noise …
  id: u32,    // … whose it is …
  logit: f32, // … and its logit without noise
}

struct Summary {
  highest: f32,  // largest logit
  sum: f32,      // Σ exp(logit − highest)
  weighted: f32, // Σ (logit − highest) exp(logit − highest)
  draw: Draw,
}

const NEVER = -3e38; // the logit of a suppressed id
const NO_ID = 0xffffffffu; // −1: every id is suppressed
const MINUS_INFINITY = 0xff800000u; // as bits; WGSL has no infinity
const NEGLIGIBLE = -120.0; // exp of it is 0 in f32
const NO_DRAW = Draw(-3.4e38, 0u, NEVER);

fn max4(v: vec4f) -> f32 { return max(max(v.x, v.y), max(v.z, v.w)); }

/// Whether a stands before b: larger first, ties to the smaller id.
fn before(a: Candidate, b: Candidate) -> bool {
  return a.logit > b.logit || (a.logit == b.logit && a.id < b.id);
}

fn better_draw(a: Draw, b: Draw) -> Draw {
  if (b.noisy > a.noisy || (b.noisy == a.noisy && b.id < a.id)) { return b; }
  return a;
}
