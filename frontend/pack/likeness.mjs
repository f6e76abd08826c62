// Compression by repetition is the better, the nearer what repeats is: it pays to have functions that are alike beside
// each other. How alike two are is estimated by MinHash, from the runs of a few bytes that they have in common.

/** How many bytes a run has. */
const RUN = 3;

/** How many hashes a function is known by. */
const HASHES = 256;

/**
 * The functions in a chain, each followed by the one that is most like it of those that are left.
 *
 * @param {Uint8Array[]} functions
 * @returns {number[]} where each function is now
 */
export function byLikeness(functions) {
  const signatures = functions.map(signature);
  const left = new Set(functions.keys());
  const order = [];
  let current = 0;
  while (left.size > 0) {
    left.delete(current);
    order.push(current);
    current = nearest(current, left, functions, signatures);
  }
  return order;
}

function nearest(current, left, functions, signatures) {
  const of = signatures[current];
  const length = functions[current].length;
  let best = -1;
  let bestScore = -Infinity;
  for (const other of left) {
    const theirs = signatures[other];
    let same = 0;
    for (let index = 0; index < HASHES; index += 1) if (of[index] === theirs[index]) same += 1;
    // Of two that are equally alike, the one of nearly the same length.
    const score = same - Math.abs(functions[other].length - length) / 1e9;
    if (score > bestScore) [best, bestScore] = [other, score];
  }
  return best;
}

/** For each of many hash functions, the least hash of all runs. */
function signature(bytes) {
  const runs = new Set();
  for (let end = RUN; end <= bytes.length; end += 1) {
    let run = 0;
    for (let index = end - RUN; index < end; index += 1) run = (run << 8) | bytes[index];
    runs.add(mixed(run));
  }
  const least = new Uint32Array(HASHES).fill(0xffffffff);
  for (const run of runs) {
    for (let index = 0; index < HASHES; index += 1) {
      // Odd factors: each is a permutation of its own.
      const hash = mixed(Math.imul(run, 0x9e3779b1 + 2 * index * 0x85ebca6b));
      if (hash < least[index]) least[index] = hash;
    }
  }
  return least;
}

/** The finalizer of MurmurHash3. */
function mixed(value) {
  let hash = value;
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}
