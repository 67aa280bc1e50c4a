/** A fixed linear congruential generator: the same numbers in every run with a seed. */
export function generator(seed: number): (below: number) => number {
  let state = seed >>> 0;
  return (below) => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0;
    return (state >>> 8) % below;
  };
}

/** Changes some bytes: taken away, put in, doubled, turned over, as a disk, an editor or an attacker does. */
export function mutated(bytes: Buffer, random: (below: number) => number, most = 4): Buffer {
  let result = bytes;
  for (let left = 1 + random(most); left > 0; left--) {
    const at = random(result.length + 1);
    const length = Math.min(random(2) ? 1 : random(40), result.length - at);
    const before = result.subarray(0, at);
    const cut = result.subarray(at, at + length);
    const after = result.subarray(at + length);
    const pieces: Buffer[][] = [
      [before, after],
      [before, cut, cut, after],
      [before, Buffer.from([random(256)]), cut, after],
      [before, Buffer.from(cut.map((byte) => byte ^ (1 << random(8)))), after],
      [
        before,
        Buffer.from(
          ['\n', '\r\n', ' ', '\t', '\0', '@revoked ', '*,', '|1|', '"', '{', '\u2028'][random(11)] ?? '',
        ),
        cut,
        after,
      ],
      [before, Buffer.from('a'.repeat(random(3000))), cut, after],
    ];
    result = Buffer.concat(pieces[random(pieces.length)] ?? []);
  }
  return result;
}
